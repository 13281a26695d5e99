/** Counting bytes on their way. */

/** What can be said about a COPY. */
export interface CopyOptions {
  /** Is told, after each piece, how many bytes have passed so far. */
  onProgress?: (bytes: number) => void;
}

type Pieces<T> = Iterable<T> | AsyncIterable<T>;

/** The same pieces, counted as they are taken, where somebody wants to know. */
export function counted<T extends string | Uint8Array, P extends Pieces<T>>(
  pieces: P & Pieces<T>,
  { onProgress }: CopyOptions,
): P | AsyncIterable<T> {
  return onProgress === undefined ? pieces : count<T>(pieces, onProgress);
}

async function* count<T extends string | Uint8Array>(
  pieces: Pieces<T>,
  onProgress: (bytes: number) => void,
): AsyncGenerator<T> {
  let bytes = 0;
  for await (const piece of pieces) {
    yield piece;
    bytes += Buffer.byteLength(piece);
    onProgress(bytes);
  }
}
