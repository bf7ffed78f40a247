import type { checkWords } from '../spec/checks';
import { command } from './command';
import { docker } from './docker-health';
import { grpc } from './grpc';
import { http, https } from './http';
import type { CheckKind } from './kind';
import { metric } from './metric';
import { postgres } from './postgres';
import { redis } from './redis';
import { tcp } from './tcp';

/** Registry of the checks that a spec can name. */
export const checkKinds: Record<keyof typeof checkWords, CheckKind> = {
  http,
  https,
  tcp,
  postgres,
  redis,
  grpc,
  docker,
  command,
  metric,
};
