/** The environment variable with the major versions to test on, separated by commas. */
export const versionsVariable = "PGMOB_TEST_POSTGRES";

/** The major versions of PostgreSQL that the tests run on. Default: the oldest and the newest that are supported. */
export const versions: readonly number[] = (process.env[versionsVariable] ?? "14,18").split(",").map(Number);
