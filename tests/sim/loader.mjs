/** Lets Node read `import text from './file.sql?raw'` as the bundler does: `tsx --import ./tests/sim/loader.mjs …`. */
import { register } from 'node:module';

register('./loader-hooks.mjs', import.meta.url, { data: { mutation: process.env.SIM_MUTATION ?? '' } });
