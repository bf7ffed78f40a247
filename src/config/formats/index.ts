import type { Format } from '../format';
import { env } from './env';
import { json } from './json';
import { toml } from './toml';
import { yaml } from './yaml';

export const formats = { env, yaml, toml, json } satisfies Record<Format['kind'], Format>;
