/** The hooks of commands: what is run when, and what of it is kept in state. */

import { isDeepStrictEqual } from "node:util";
import { checkInputs, type Difference, diffInputs } from "../check";
import type { Cluster } from "../cluster";
import { ConfiguredHooks } from "../configured-hooks";
import type { CheckFailure, Values } from "../definition";
import { NotFoundError } from "../errors";
import { declaredOf, pathOf } from "../fields";
import { deadlineOf } from "../limits";
import { databaseByOid, type Place, placeFor, placeOf } from "../place";
import { SQL_KEY } from "../preview/preview";
import { called } from "../reconcile";
import { refuseMove, refuseOtherServer } from "../refusals";
import { clean, idOf } from "../state";
import { COMPUTED, commandType } from "./definition";
import { runStep } from "./run";
import type { CommandStep } from "./step";

/** What runs something when it changes. */
const STEPS_OF_UPDATE = ["create", "update"];

type Operation = "create" | "update" | "delete";

/** The hooks of the resource `Command`. */
export class CommandHooks extends ConfiguredHooks {
  async check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }> {
    // With showSql every resource has one; what a command runs is among its inputs already.
    const { [SQL_KEY]: _, ...inputs } = news;
    return { inputs, failures: [...checkInputs(commandType, olds, inputs), ...this.checkSettings()] };
  }

  async diff(_id: string, olds: Values, news: Values): Promise<Difference> {
    return this.reporting(async () => diffInputs(commandType, olds, news));
  }

  async create(inputs: Values): Promise<{ id: string; outs: Values }> {
    return this.doing(commandType, "create", inputs, async () => {
      const place = await placeFor(await this.host(), commandType, inputs);
      const outputs = await this.run(place.cluster, stepOf(inputs.create), inputs, "create");
      return {
        id: idOf(commandType, pathOf(commandType, inputs), place.database),
        outs: state(inputs, place, outputs),
      };
    });
  }

  /** Nothing on the server says whether what was run still holds: a refresh changes nothing. */
  async read(id: string, properties: Values): Promise<{ id?: string; props?: Values; inputs?: Values }> {
    return this.reporting(async () => {
      if (properties.systemIdentifier !== undefined) return { id, props: properties };
      throw new NotFoundError("there is nothing of it on the server to look up", { object: called(commandType, [id]) });
    });
  }

  async update(_id: string, olds: Values, news: Values): Promise<{ outs: Values }> {
    return this.doing(commandType, "update", news, async () => {
      const place = await placeFor(await this.host(), commandType, news);
      refuseOtherServer(commandType, olds, place.host.cluster, "update");
      refuseMove(
        commandType,
        olds,
        news,
        place.bookkeeping,
        "Change triggers as well: it is then deleted there and created here",
      );
      const changed = STEPS_OF_UPDATE.some((name) => !isDeepStrictEqual(stepOf(olds[name]), stepOf(news[name])));
      const step = stepOf(news.update) ?? stepOf(news.create);
      const outputs = changed && step ? await this.run(place.cluster, step, news, "update") : outputsOf(olds);
      return { outs: state(news, place, outputs) };
    });
  }

  async delete(_id: string, properties: Values): Promise<void> {
    return this.doing(commandType, "delete", properties, async () => {
      const step = stepOf(properties.delete);
      if (step === undefined) return;
      const host = await this.host();
      refuseOtherServer(commandType, properties, host.cluster, "delete");
      const place = await placeOf(host, commandType, databaseByOid(properties));
      // With its database, all that SQL could clear away is gone.
      if (place === undefined && step.sql !== undefined) return;
      await this.run(place?.cluster ?? host.cluster, step, properties, "delete");
    });
  }

  private async run(
    cluster: Cluster,
    step: CommandStep | undefined,
    values: Values,
    intent: Operation,
  ): Promise<Values> {
    if (step === undefined) return {};
    const object = called(commandType, pathOf(commandType, values));
    const secret = values.secret === true;
    return runStep(cluster, step, { object, intent, secret, deadline: deadlineOf(values, intent) });
  }
}

function stepOf(value: unknown): CommandStep | undefined {
  return (value as CommandStep | null | undefined) ?? undefined;
}

function state(inputs: Values, { bookkeeping }: Place, outputs: Values): Values {
  const { database: _, ...kept } = bookkeeping;
  return clean({ ...declaredOf(commandType, inputs), ...kept, ...outputs });
}

function outputsOf(properties: Values): Values {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => (COMPUTED as readonly string[]).includes(name)),
  );
}
