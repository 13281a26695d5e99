/** What everything that is drawn in this run follows from: `PGMOB_SEED`, which repeats another run, or else a new one. */
export const seed = Number(process.env.PGMOB_SEED ?? Math.floor(Math.random() * 2 ** 31));
