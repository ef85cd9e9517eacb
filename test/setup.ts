import { configureGlobal } from 'fast-check';

/** Laws try the same cases in every run; `npm run fuzz` tries others. */
const fixedSeed = 20_260_302;

configureGlobal({ seed: Number(process.env['FUZZ_SEED'] ?? fixedSeed) });
