import type { checkWords } from '../spec/checks';
import { command } from './command';
import { docker } from './docker-health';
import { grpc } from './grpc';
import { http, https } from './http';
import type { CheckKind } from './kind';
import { log } from './log';
import { metric } from './metric';
import { mysql } from './mysql';
import { postgres } from './postgres';
import { askPrometheus } from './prometheus-query';
import { qdrant } from './qdrant';
import { redis } from './redis';
import { tcp } from './tcp';
import { temporal } from './temporal';

/** Registry of the checks that a spec can name. */
export const checkKinds: Record<keyof typeof checkWords, CheckKind> = {
  http,
  https,
  tcp,
  postgres,
  mysql,
  redis,
  qdrant,
  temporal,
  grpc,
  docker,
  command,
  metric,
  log,
  prometheus: { atServer: askPrometheus },
};
