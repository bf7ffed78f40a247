import { z } from 'zod';
import { Backup, BackupPlace } from './backups';
import { liveKinds, needKeys, needKinds, readyKeys, readyKinds } from './checks';
import { Port, UrlPath } from './checks/parts';
import { ConfigFile, ConfigFileName } from './config';
import { Drill } from './drill';
import { Duration, duration, Time } from './duration';
import { jobSchema } from './jobs';
import { platformTestSchema } from './platform-test';
import { ProxySpec } from './proxies';
import { runtimeKeys } from './runtimes';
import { listed } from './sentences';
import { ComposeFiles, EnvFiles, OverlayFile } from './sources';
import { Strategy } from './strategies';
import { validationSchema } from './validation';
import { sentence } from './words';

/**
 * The schema of `belay.yaml`. Durations are parsed into milliseconds; every key has a description.
 * Messages read `fault — right form`; sentences.ts words all others.
 */
const Name = z
  .string()
  .max(40)
  .regex(
    /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/,
    'is not a name — write lower-case letters, digits and inner hyphens, such as shop-api',
  );
/** The service's name in Compose. */
const ServiceName = z
  .string()
  .max(100)
  .regex(
    /^(?!__proto__$)[A-Za-z0-9_][\w.-]*$/,
    'is not the name of a service — write letters, digits, hyphens, underscores and inner dots, such as shop-api',
  );
export const isServiceName = (text: string): boolean => ServiceName.safeParse(text).success;
/** A duration of a wait or a repetition. */
const interval = (text: string) =>
  Time.refine((ms) => ms > 0, 'takes no time at all — write more than 0s').prefault(text);
const holdSentence = 'is out of bounds — write 1s to 5m, or 0s, to let requests fail at once';
const Hold = Duration.refine((ms) => ms === 0 || (ms >= 1000 && ms <= 300_000), holdSentence);
const rangeSentence = 'is not a range of ports — write the first and the last, such as 20000-20999';

export const PortRange = z
  .string(rangeSentence)
  .regex(/^\d+-\d+$/, rangeSentence)
  .transform((text) => {
    const [first, last] = text.split('-').map(Number) as [number, number];
    return { first, last };
  })
  .refine((range) => range.first >= 1024 && range.last <= 65535 && range.first <= range.last, {
    message: 'is not a range of ports — the first must be 1024 or more, the last 65535 or less and not below the first',
  });

export const Host = z
  .strictObject({
    ports: sentence(PortRange.prefault('20000-20999'), 'Loopback ports reserved for instances: first-last.'),
    starts: sentence(
      z.number().int().min(1).max(100).default(5),
      'How many instances may be starting at once, over all services of a release.',
    ),
  })
  .describe('The machine that runs instances.');

const resends = ['safe', 'all', 'none'] as const;
const stickies = ['cookie', 'source'] as const;
const clientAddresses = ['forwarded-for', 'proxy-protocol', 'none'] as const;
export type Resend = (typeof resends)[number];
export type Sticky = (typeof stickies)[number];
export type ClientAddress = (typeof clientAddresses)[number];

export const Route = z
  .strictObject({
    proxy: sentence(Name, 'The name of a proxy.'),
    backend: sentence(z.string().min(1).optional(), "The proxy's backend; the service's name where absent."),
    port: sentence(Port, 'The port the service listens on inside its container.'),
    protocol: sentence(
      z.enum(['http', 'grpc', 'tcp']).optional(),
      'The protocol of its traffic, through a managed proxy: http where absent.',
    ),
    resend: sentence(
      z.enum(resends).optional(),
      'The requests that a managed proxy sends again when an instance fails. safe (default): requests not sent yet, and requests that may be repeated; all: POSTs too; none: only requests not sent yet.',
    ),
    sticky: sentence(
      z.enum(stickies).optional(),
      "The means by which a managed proxy keeps a client on one instance: a cookie, or the client's address (source).",
    ),
    client_address: sentence(
      z.enum(clientAddresses).optional(),
      "How a managed proxy tells the service who its client is. forwarded-for (default for http and grpc): in X-Forwarded-For; proxy-protocol: ahead of each connection; none: not at all. Behind a HAProxy of yours whose servers have send-proxy: proxy-protocol, so that Belay's checks send that line too.",
    ),
  })
  .describe('How traffic reaches the service.');

export const ReadyCheck = z
  .strictObject(
    {
      ...readyKeys,
      every: sentence(
        interval('1s'),
        'Time from one check to the next, once the instance has answered well; shorter before.',
      ),
      timeout: sentence(interval('2s'), 'Longest time of one check.'),
      healthy: sentence(z.number().int().min(1).default(2), 'Successes in a row that make an instance ready.'),
      within: sentence(interval('60s'), 'Longest time from start to ready, and grace on top.'),
      grace: sentence(duration('0s'), 'Time after the start that does not count against within.'),
    },
    { error: ({ input }) => (input === null ? `is empty — write one of ${listed(readyKinds)}` : undefined) },
  )
  .describe(`When an instance is ready for traffic: exactly one of ${listed(readyKinds)}.`);

export const LiveCheck = z
  .strictObject(
    {
      ...readyKeys,
      every: sentence(interval('2s'), 'Time from one check to the next.'),
      timeout: sentence(interval('2s'), 'Longest time of one check.'),
      failures: sentence(
        z.number().int().min(1).max(100).default(3),
        'Failures in a row after which a new instance is taken out of traffic, and the release fails.',
      ),
    },
    { error: ({ input }) => (input === null ? `is empty — write one of ${listed(liveKinds)}` : undefined) },
  )
  .describe(
    `Whether an instance in traffic still works, asked from its first success to the end of the release: exactly one of ${listed(liveKinds)}.`,
  );

export const Validation = validationSchema(Name);
export const PlatformTest = platformTestSchema(Name);

export const Need = z
  .strictObject({
    service: sentence(
      ServiceName.optional(),
      'Another service of the spec: it comes first, and is ready before this one is changed.',
    ),
    ...needKeys,
    required: sentence(
      z.boolean().optional(),
      'false: the release continues without it, with a warning. true where absent.',
    ),
    within: sentence(
      Duration.refine((ms) => ms > 0, 'takes no time at all — write more than 0s')
        .refine((ms) => ms <= 3_600_000, 'is longer than an hour — write 1h or less')
        .optional(),
      'Longest time to wait for it; 10s where absent.',
    ),
  })
  .describe(
    `A dependency that must answer before the service is released: exactly one of ${listed(['service', ...needKinds])}.`,
  );

export const Job = jobSchema(Name);

/** The keys of every service, whatever runs it. */
const serviceKeys = {
  instances: sentence(
    z.number().int().min(1).max(100).optional(),
    "How many instances; the Compose file's deploy.replicas, or 1, where absent.",
  ),
  routes: sentence(z.array(Route).default([]), 'How traffic reaches the service.'),
  strategy: sentence(Strategy.prefault({ kind: 'rolling' }), 'How instances are replaced.'),
  health: sentence(
    z.strictObject({ ready: ReadyCheck.optional(), live: LiveCheck.optional() }).prefault({}),
    'Checks of an instance.',
  ),
  drain: sentence(
    z
      .strictObject({
        deadline: sentence(duration('30s'), 'Longest time to wait for requests in flight.'),
        at_deadline: sentence(
          z.enum(['proceed', 'hold', 'fail']).default('proceed'),
          'What to do when requests are still in flight at the deadline.',
        ),
      })
      .prefault({}),
    'How an instance is taken out of traffic.',
  ),
  hold: sentence(
    Hold.optional(),
    'How long requests wait at a managed proxy while no instance serves, 1s to 5m: 30s where absent; 0s: they fail at once.',
  ),
  stop: sentence(
    z
      .strictObject({
        signal: sentence(
          z
            .string()
            .regex(/^SIG[A-Z0-9]+$/, 'is not a signal — write a name such as SIGTERM')
            .optional(),
          "The signal that asks an instance to stop; the container's own, or SIGTERM, where absent.",
        ),
        grace: sentence(
          Time.optional(),
          "Time to stop in before it is killed; Compose's stop_grace_period, or 30s, where absent.",
        ),
      })
      .prefault({}),
    'How an instance is stopped.',
  ),
  shared_volumes: sentence(z.boolean().default(false), 'Several instances may write to its volumes at the same time.'),
  keep: sentence(
    z.number().int().min(1).max(50).default(3),
    'How many of the latest revisions keep image and logs on the host; a configuration stays until belay prune.',
  ),
  on_failure: sentence(
    z.enum(['rollback', 'hold', 'leave']).optional(),
    'The reaction to a step that fails for good; hold where the service writes to a volume, else rollback, where absent.',
  ),
  needs: sentence(
    z.array(Need).default([]),
    "Dependencies that must answer before the service is released, besides Compose's depends_on.",
  ),
  validate: sentence(z.array(Validation).default([]), 'Tests of the new version.'),
  jobs: sentence(z.array(Job).default([]), 'Programs that a release of the service runs once, such as migrations.'),
  drill: sentence(
    Drill.optional(),
    'before: a release tests the shutdown of the new version first. An object says how, for each drill of the service.',
  ),
  backup: sentence(z.array(Backup).default([]), 'Backups of what the service keeps: databases, volumes, folders.'),
};

export const Version = z
  .strictObject({
    http: sentence(UrlPath, 'The path that tells the version.'),
    port: sentence(Port.optional(), "The container port; the first route's where absent."),
    json: sentence(z.string().min(1).optional(), 'The member of the JSON body that is the version.'),
    header: sentence(z.string().min(1).optional(), 'The header of the answer that is the version.'),
  })
  .describe("Where an instance tells its version, which has to be its image's tag: by json or by header.");

const DockerService = z.strictObject({
  ...runtimeKeys.docker,
  ...serviceKeys,
  version: sentence(Version.optional(), 'Where an instance tells its version.'),
});

const SystemdService = z
  .strictObject({
    ...runtimeKeys.systemd,
    ...serviceKeys,
    strategy: sentence(
      Strategy.optional(),
      'How instances are replaced; rolling for a template with a port to spare, else in-place, where absent.',
    ),
  })
  .transform((one) => ({ ...one, strategy: one.strategy ?? Strategy.parse({ kind: usualStrategy(one) }) }));

/** A single unit has one place, and so has each instance without a port to spare. */
const usualStrategy = ({ unit, ports = [], instances = 1 }: { unit?: string; ports?: number[]; instances?: number }) =>
  unit === undefined && ports.length > instances ? 'rolling' : 'in-place';

export const ServiceSpec = z
  .discriminatedUnion('runtime', [DockerService, SystemdService])
  .describe('A deployable with a number of instances.');

export const Spec = z
  .strictObject({
    platform: sentence(Name, 'The name of the platform, which its instances, images and revisions carry.'),
    compose: ComposeFiles,
    env_files: EnvFiles,
    environments: sentence(
      z.record(Name, OverlayFile).optional(),
      'Other environments of the platform: for each a file that overrides this one, chosen with --env.',
    ),
    hosts: sentence(
      z.strictObject({ local: Host.prefault({}) }).prefault({}),
      'Where instances run; `local` is this machine.',
    ),
    config: sentence(
      z.record(ConfigFileName, ConfigFile).optional(),
      'Configuration files of the host that `belay migrate`, or a release, takes from one version to the next, by name.',
    ),
    backups: sentence(BackupPlace.optional(), 'Where backups go.'),
    proxies: sentence(z.record(Name, ProxySpec).default({}), 'Proxies that bring traffic to instances.'),
    services: sentence(
      z
        .record(ServiceName, ServiceSpec)
        .refine((all) => Object.keys(all).length > 0, { message: 'names no service — write at least one' }),
      'The services to release. Belay never touches Compose services that are not named here.',
    ),
    validate: sentence(
      z.array(PlatformTest).default([]),
      'Tests of the whole platform, which each release of any of its services makes.',
    ),
  })
  .describe('The spec of a Belay platform.');

export type { HaproxySpec, ManagedSpec, ProxySpec } from './proxies';
export type Spec = z.infer<typeof Spec>;
export type ServiceSpec = z.infer<typeof ServiceSpec>;
export type DockerService = z.infer<typeof DockerService>;
export type SystemdService = z.infer<typeof SystemdService>;
export const isSystemd = (service: ServiceSpec): service is SystemdService => service.runtime === 'systemd';
export const isDocker = (service: ServiceSpec): service is DockerService => !isSystemd(service);
/** The services of Docker, by name. */
export const dockerServices = ({ services }: Pick<Spec, 'services'>): Record<string, DockerService> =>
  Object.fromEntries(Object.entries(services).flatMap(([name, one]) => (isDocker(one) ? [[name, one]] : [])));
export type { ConfigFile } from './config';
export type { StrategySpec } from './strategies';
export type ReadyCheck = z.infer<typeof ReadyCheck>;
export type LiveCheck = z.infer<typeof LiveCheck>;
export type Need = z.infer<typeof Need>;
export type Validation = z.infer<typeof Validation>;
export type PlatformTest = z.infer<typeof PlatformTest>;
export type Job = z.infer<typeof Job>;
