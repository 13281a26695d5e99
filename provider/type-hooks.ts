/** The hooks of any object type: what the host calls, and what the engine's state holds. */

import { checkInputs, type Difference, diffInputs, PROVIDER_KEY } from "./check";
import { about, aboutObject, ConfiguredHooks } from "./configured-hooks";
import type { CheckFailure, ObjectType, Observed, Values } from "./definition";
import { ConnectionError, NotFoundError } from "./errors";
import { declaredOf, desiredValues, pathOf, takesOver } from "./fields";
import type { Host } from "./host";
import { PartialFailure } from "./host-errors";
import { deadlineOf } from "./limits";
import { hasIdentity } from "./observe";
import { databaseByOid, observeAt, observeOurs, observeOwn, type Place, placeFor, placeOf } from "./place";
import { lookAhead, SQL_KEY } from "./preview/preview";
import { noteReplaced } from "./preview/replaced";
import { alter, called, create, drop, release } from "./reconcile";
import {
  alreadyThere,
  gone,
  refuseAnother,
  refuseMove,
  refuseOtherServer,
  replacedByHand,
  takenByAnother,
} from "./refusals";
import type { Progress } from "./runner";
import { addressOf, type Bookkeeping, fullState, idOf, shapeOf, stateOf } from "./state";

/** The hooks of one object type. */
export class TypeHooks extends ConfiguredHooks {
  constructor(private readonly type: ObjectType) {
    super();
  }

  async check(olds: Values, news: Values): Promise<{ inputs: Values; failures: CheckFailure[] }> {
    const { [SQL_KEY]: _, ...inputs } = news;
    const wrong = [...checkInputs(this.type, olds, inputs), ...this.checkSettings()];
    if (wrong.length > 0) return { inputs, failures: wrong };
    return this.doing(this.type, "check", inputs, async () => {
      const { sql, failures } = await lookAhead(this.type, olds, inputs, this.given, () => this.host());
      return { inputs: sql === undefined ? inputs : { ...inputs, [SQL_KEY]: sql }, failures };
    });
  }

  async diff(_id: string, olds: Values, news: Values): Promise<Difference> {
    return this.reporting(async () => {
      const difference = diffInputs(this.type, olds, news);
      if (difference.replaces.length > 0) noteReplaced(this.type, olds, this.given);
      return difference;
    });
  }

  async create(inputs: Values): Promise<{ id: string; outs: Values }> {
    return this.doing(this.type, "create", inputs, async () => {
      const place = await placeFor(await this.host(), this.type, inputs);
      const id = idOf(this.type, pathOf(this.type, inputs), place.database);
      const desired = desiredValues(this.type, declaredOf(this.type, inputs), {});
      // What the server itself refuses to have twice needs no look before: most of what is created is not there.
      const looked = takesOver(this.type, inputs) || this.type.source !== undefined;
      const before = looked ? await this.present(place, inputs, desired) : undefined;
      const adopted =
        before === undefined || this.type.found
          ? place
          : { ...place, bookkeeping: { ...place.bookkeeping, adopted: true as const } };
      const deadline = deadlineOf(inputs, "create");
      if (before !== undefined) place.host.run.takenOver.add(this.type, before, place.bookkeeping);
      const applied = await this.applying(id, adopted, inputs, (progress) =>
        before === undefined
          ? create(place.cluster, this.type, desired, { progress, deadline }).catch(async (error: unknown) => {
              if (!looked && !progress.committed && !(error instanceof ConnectionError))
                await this.present(place, inputs, desired);
              throw error;
            })
          : alter(place.cluster, this.type, before, desired, {}, { progress, deadline }),
      );
      if (before === undefined) await place.host.run.carriedOver.restore(this.type, place, desired);
      return { id, outs: await this.outputs(id, adopted, { ...inputs, ...applied }) };
    });
  }

  async read(id: string, properties: Values): Promise<{ id?: string; props?: Values; inputs?: Values }> {
    if (properties.systemIdentifier === undefined && properties.oid === undefined) return this.lookUp(id);
    return this.doing(this.type, "read", properties, async () => {
      const host = await this.host();
      const sameServer = properties.systemIdentifier === host.cluster.facts.systemIdentifier;
      const known = sameServer ? properties : withoutOids(this.type, properties);
      const place = await placeOf(host, this.type, known);
      const observed = place && (await observeAt(place, this.type, known));
      if (place === undefined || observed === undefined) return {};
      const { inputs, outputs } = await stateOf(
        this.type,
        observed,
        properties,
        keepAdopted(place.bookkeeping, properties),
      );
      return { id, props: outputs, inputs };
    });
  }

  async update(id: string, olds: Values, news: Values): Promise<{ outs: Values }> {
    return this.doing(this.type, "alter", olds, async () => {
      const place = await placeFor(await this.host(), this.type, news);
      refuseOtherServer(this.type, olds, place.host.cluster, "update");
      refuseMove(this.type, olds, news, place.bookkeeping);
      const observed = await observeOurs(place, this.type, olds, news);
      if (observed === undefined) throw gone(this.type, olds);
      if (!hasIdentity(this.type, observed, olds)) throw replacedByHand(this.type, olds, "update");
      const taken = olds.adopted !== true && place.host.run.takenOver.has(this.type, observed, place.bookkeeping);
      if (taken && !this.type.found) throw takenByAnother(this.type, olds);
      const kept = { ...place, bookkeeping: keepAdopted(place.bookkeeping, olds) };
      const desired = desiredValues(this.type, declaredOf(this.type, news), declaredOf(this.type, olds));
      const found = { ...remembered(this.type, olds), ...news };
      const deadline = deadlineOf(news, "update");
      const renamed = () => place.host.run.renamed.add(this.type, olds, news, place.bookkeeping.systemIdentifier);
      const change = async (progress: Progress) => {
        try {
          const applied = await alter(place.cluster, this.type, observed, desired, olds, { progress, deadline });
          renamed();
          return applied;
        } catch (error) {
          if (progress.committed) renamed(); // what failed came after it
          throw error;
        }
      };
      const applied = await this.applying(id, kept, found, change, observed);
      return { outs: await this.outputs(id, kept, { ...found, ...applied }, observed) };
    });
  }

  async delete(_id: string, properties: Values): Promise<void> {
    return this.doing(this.type, "drop", properties, async () => {
      const released = this.type.found === true || (properties.adopted === true && properties.dropOnDelete !== true);
      if (released && this.type.release === undefined) return;
      const host = await this.host();
      refuseOtherServer(this.type, properties, host.cluster, released ? "release" : "drop");
      const course = { deadline: deadlineOf(properties, "delete") };
      await this.inTurn(host, async () => {
        const place = await placeOf(host, this.type, databaseByOid(properties));
        const observed = place && (await observeOwn(place, this.type, properties));
        if (place === undefined || observed === undefined) return; // gone already
        if (host.run.takenOver.has(this.type, observed, place.bookkeeping)) return; // another resource's by now
        const options = host.run.renamed.inValues(this.type, properties, place.bookkeeping.systemIdentifier);
        if (released) return release(place.cluster, this.type, observed, options, course);
        const work = () => drop(place.cluster, this.type, observed, options, course);
        await host.run.carriedOver.dropping(this.type, place, observed, work);
      });
    });
  }

  /** Drops it, and where it cannot be because of what is in a database, behind that, if it is dropped as well. */
  private inTurn({ drops }: Host, work: () => Promise<void>): Promise<void> {
    return this.type.takesAlong || this.type.perDatabase ? drops.first(work) : drops.behind(work);
  }

  /** What is to be adopted, if it is there. Throws when something is there that is not. */
  private async present(place: Place, inputs: Values, desired: Values): Promise<Observed | undefined> {
    const named = await observeAt(place, this.type, inputs);
    if (named !== undefined) {
      refuseAnother(this.type, named, desired, place.bookkeeping);
      if (!takesOver(this.type, inputs)) throw alreadyThere(this.type, inputs);
      return named;
    }
    return inputs.adopt === true ? this.type.source?.adoptable?.(place.cluster, desired) : undefined;
  }

  /** `Type.get(name, id)`: everything the server shows of an object. */
  private async lookUp(id: string): Promise<{ id: string; props: Values }> {
    const { type } = this;
    const { database, key } = await this.reporting(async () => addressOf(type, id));
    const named = Object.fromEntries(type.key.map((name, index) => [name, key.path[index] ?? null]));
    return this.doing(type, "read", named, async () => {
      const place = await placeOf(await this.host(), type, database === undefined ? {} : { database });
      const observed = place && (await observeAt(place, type, named));
      if (place === undefined || observed === undefined) {
        const remedy = `The id of a ${type.noun} is ${shapeOf(type)}, each part percent-encoded`;
        throw new NotFoundError("does not exist", { object: called(type, key.path), intent: "read", remedy });
      }
      return { id, props: fullState(type, observed, place.bookkeeping) };
    });
  }

  /** Runs a change; a failure after something was committed is recorded with what the server has now. */
  private async applying<T>(
    id: string,
    place: Place,
    inputs: Values,
    change: (progress: Progress) => Promise<T>,
    before?: Observed,
  ): Promise<T> {
    const progress: Progress = { committed: false };
    try {
      return await change(progress);
    } catch (error) {
      if (!progress.committed) throw error;
      throw halfDone(id, inputs, await this.outputs(id, place, inputs, before), error as Error);
    }
  }

  /** What the server has, after a change. When that cannot be read any more, the change itself is not forgotten. */
  private async outputs(id: string, place: Place, inputs: Values, before?: Observed): Promise<Values> {
    try {
      const { systemIdentifier } = place.bookkeeping;
      const ours = before?.oid === undefined ? inputs : { ...inputs, systemIdentifier, oid: before.oid };
      const observed = await observeOurs(place, this.type, ours, inputs);
      if (observed === undefined) throw gone(this.type, inputs);
      return (await stateOf(this.type, observed, inputs, place.bookkeeping)).outputs;
    } catch (error) {
      const { database: _, ...kept } = place.bookkeeping;
      const told = aboutObject(error, about(this.type, "read", inputs)) as Error;
      throw halfDone(id, inputs, { ...declaredOf(this.type, inputs), ...kept }, told);
    }
  }
}

/** The host adds its text to the outputs of a hook that succeeds, and to no others; without it, no hook is found again. */
function halfDone(id: string, inputs: Values, outputs: Values, { message }: Error): PartialFailure {
  return new PartialFailure(id, { ...outputs, [PROVIDER_KEY]: inputs[PROVIDER_KEY] ?? null }, [message]);
}

function keepAdopted(bookkeeping: Bookkeeping, { adopted }: Values): Bookkeeping {
  return adopted === true ? { ...bookkeeping, adopted: true } : bookkeeping;
}

function remembered(type: ObjectType, olds: Values): Values {
  return Object.fromEntries(Object.entries(olds).filter(([name]) => name in type.computed && !(name in type.fields)));
}

/** Without the oids of another server; one that is a name stays. */
function withoutOids(type: ObjectType, { oid, databaseOid: _, ...rest }: Values): Values {
  return type.key.includes("oid") ? { ...rest, oid: oid ?? null } : rest;
}
