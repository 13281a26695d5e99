/**
 * Loaded first in every process that the engine starts: when the engine is gone, killed perhaps, the channel to it
 * closes, and the process must not stay behind.
 */
process.on("disconnect", () => process.exit(1));
// The channel alone must not keep a finished program alive.
process.channel?.unref();
