/** Hints for missing parts, in the commands by which Belay was started here. */
export interface Hints {
  /** Temporal's address does not answer. */
  temporalAway: string;
  /** No worker answers for a release. */
  workerAway: string;
  /** No worker polls a task queue. */
  unpolled: string;
  /** The folders of this process's worker lack the platform. */
  platformUnknown(specs: string[]): string;
  /** The worker does not yet look into all `specs`, written as BELAY_SPECS. */
  workerFor(specs: string): string;
  /** Names another Temporal, for a platform that contains the present one. */
  anotherTemporal: string;
  /** True if `belay serve` starts a Temporal here. */
  servesTemporal: boolean;
}

/** Returns the hints for this process. docker-compose.yml sets BELAY_STACK in the worker's container. */
export const hints = (env: NodeJS.ProcessEnv = process.env): Hints =>
  env.BELAY_STACK === 'compose' ? ofStack : { ...ofCommands, ...awayFrom(env.TEMPORAL_ADDRESS) };

/** `belay serve` alone would listen at another port than the commands then ask. */
function awayFrom(address: string | undefined): Partial<Hints> {
  const [, port] = /^(?:127\.0\.0\.1|localhost):(\d+)$/.exec(address ?? '') ?? [];
  if (port === undefined || port === '7233') return {};
  return {
    temporalAway: `\`belay serve --port ${port}\` starts one there, as TEMPORAL_ADDRESS names that port; \`unset TEMPORAL_ADDRESS\` asks that of belay serve`,
  };
}

const ofCommands: Hints = {
  temporalAway: '`belay serve` starts one here, or TEMPORAL_ADDRESS names another',
  workerAway: 'is a worker running? `belay serve` or `belay worker` starts one',
  unpolled:
    'start one: belay serve, or belay worker beside a Temporal of yours. A worker that was just started takes some seconds',
  platformUnknown: (specs) =>
    `put the folder of its belay.yaml into one of these, or start the worker for it too: belay serve --stop && belay serve --detach ${specs.join(' ')} FOLDER; a platform of another host needs --host`,
  workerFor: (specs) => `start it again for all of them: BELAY_SPECS=${specs} belay worker`,
  anotherTemporal: 'let Belay use another one: belay serve',
  servesTemporal: true,
};

const ofStack: Hints = {
  temporalAway:
    'docker compose up -d --wait starts it, docker compose logs temporal says what keeps it; TEMPORAL_ADDRESS in .env names one of your own',
  workerAway:
    'is the worker running? docker compose up -d --wait starts it, docker compose logs worker says what keeps it',
  unpolled:
    'a worker that was just started takes some seconds: docker compose up -d --wait waits for it, docker compose logs worker says what keeps it',
  platformUnknown: (specs) =>
    `put the folder of its belay.yaml into ${specs.join(' or ')}, or name another folder in BELAY_SPECS of .env: docker compose up -d --wait takes it up; a platform of another host needs --host`,
  workerFor: (specs) =>
    `put all of these into one folder, and name that in BELAY_SPECS of .env: ${specs}; docker compose up -d --wait takes it up`,
  anotherTemporal: 'name another one in TEMPORAL_ADDRESS of .env: docker compose up -d --wait takes it up',
  servesTemporal: false,
};
