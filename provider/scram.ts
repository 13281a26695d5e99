/** SCRAM-SHA-256 (RFC 5802, RFC 7677): the keys of a password, and the proof that it is known. */

import { createHash, createHmac, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import { isAscii, saslprep } from "./saslprep";

const derive = promisify(pbkdf2);
const KEY_BYTES = 32;

/** What follows from a password, a salt and a number of iterations. */
export interface ScramKeys {
  /** Proves that the password is known. */
  readonly client: Buffer;
  /** The hash of the client's key, which the server keeps. */
  readonly stored: Buffer;
  /** Proves that the server keeps what belongs to the password. */
  readonly server: Buffer;
}

/** The keys of a password. */
export async function scramKeys(password: string, salt: Buffer, iterations: number): Promise<ScramKeys> {
  const salted = await derive(saslprep(password), salt, iterations, KEY_BYTES, "sha256");
  const client = hmac(salted, "Client Key");
  return { client, stored: createHash("sha256").update(client).digest(), server: hmac(salted, "Server Key") };
}

/** What of a client of `pg` takes part in the exchange; it has no public way to say what is sent. */
interface Exchange {
  readonly connection: {
    on(event: "authenticationSASLContinue", listener: (message: { data: string }) => void): unknown;
    emit(event: "error", error: unknown): unknown;
    sendSCRAMClientFinalMessage(text: string): void;
  };
  readonly saslSession: { readonly clientNonce: string; serverSignature: string };
}

/**
 * Lets a client that is just logging in answer with the keys that libpq has. `pg` takes every password as one that
 * SASLprep allows, so that some, which the server and libpq take as they are, would not be known.
 */
export function answerAsLibpq(client: object, password: string): void {
  if (isAscii(password)) return; // as it is to everybody
  const { connection } = client as Exchange;
  let challenge = "";
  connection.on("authenticationSASLContinue", ({ data }) => {
    challenge = data;
  });
  const send = connection.sendSCRAMClientFinalMessage.bind(connection);
  connection.sendSCRAMClientFinalMessage = (answer) => {
    proven(client as Exchange, password, challenge, answer).then(send, (error) => connection.emit("error", error));
  };
}

/** The last message of the client, with its proof, and what the server has to answer, made anew. */
async function proven(client: Exchange, password: string, challenge: string, answer: string): Promise<string> {
  const given = new Map(challenge.split(",").map((part) => [part[0], part.slice(2)]));
  const keys = await scramKeys(password, Buffer.from(given.get("s") ?? "", "base64"), Number(given.get("i")));
  const { saslSession } = client;
  const withoutProof = answer.replace(/,p=[^,]*$/, "");
  const exchanged = `n=*,r=${saslSession.clientNonce},${challenge},${withoutProof}`;
  const signature = hmac(keys.stored, exchanged);
  saslSession.serverSignature = hmac(keys.server, exchanged).toString("base64");
  const proof = Buffer.from(keys.client.map((byte, index) => byte ^ (signature[index] as number)));
  return `${withoutProof},p=${proof.toString("base64")}`;
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
