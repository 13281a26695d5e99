import { createCipheriv, createDecipheriv, pbkdf2, randomBytes } from "node:crypto";
import { promisify } from "node:util";

const ITERATIONS = 1_000_000;
const derive = promisify(pbkdf2);
const keys = new Map<string, Promise<Buffer>>();

/** Encrypts and decrypts the secrets of a stack with a passphrase, as Pulumi's passphrase secrets manager does. */
export class PassphraseSecrets {
  private constructor(
    private readonly key: Buffer,
    /** The salt and a check value, `v1:…`, as stored in the stack's config file and in its state. */
    readonly salt: string,
  ) {}

  /** Begins with a new salt. */
  static async create(passphrase: string): Promise<PassphraseSecrets> {
    const salt = randomBytes(8).toString("base64");
    const key = await deriveKey(passphrase, salt);
    return new PassphraseSecrets(key, `v1:${salt}:${encryptWith(key, "pulumi")}`);
  }

  /** Takes a stored salt. Rejects when the passphrase is not the one the salt was made with. */
  static async open(passphrase: string, stored: string): Promise<PassphraseSecrets> {
    const [version, salt, ...check] = stored.split(":");
    if (version !== "v1" || salt === undefined) throw new Error("malformed encryptionsalt: expected v1:…");
    const key = await deriveKey(passphrase, salt);
    try {
      if (decryptWith(key, check.join(":")) === "pulumi") return new PassphraseSecrets(key, stored);
    } catch {
      // A wrong key fails the authentication of the check value: it is reported like a wrong value.
    }
    throw new Error("incorrect passphrase");
  }

  /** The plain text as `v1:NONCE:CIPHERTEXT`, different each time. */
  encrypt(plain: string): string {
    return encryptWith(this.key, plain);
  }

  /** The plain text of what `encrypt`, or Pulumi, has written. Throws when it was tampered with. */
  decrypt(encrypted: string): string {
    return decryptWith(this.key, encrypted);
  }
}

/** A million rounds take a third of a second, so one process does them once for a stack. */
function deriveKey(passphrase: string, salt: string): Promise<Buffer> {
  const id = JSON.stringify([passphrase, salt]);
  let key = keys.get(id);
  if (key === undefined) {
    key = derive(passphrase, Buffer.from(salt, "base64"), ITERATIONS, 32, "sha256");
    keys.set(id, key);
  }
  return key;
}

function encryptWith(key: Buffer, plain: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const body = Buffer.concat([cipher.update(plain, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${body.toString("base64")}`;
}

function decryptWith(key: Buffer, encrypted: string): string {
  const [version, nonce, body] = encrypted.split(":");
  if (version !== "v1" || nonce === undefined || body === undefined) throw new Error("malformed secret: expected v1:…");
  const bytes = Buffer.from(body, "base64");
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
  decipher.setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString("utf8");
}
