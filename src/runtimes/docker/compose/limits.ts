import type { HostConfig } from 'dockerode';
import { defined } from './defined';
import type { Bytes, ComposeService, DeviceRequest } from './project';

/** Resource limits of a service. Limits under `deploy` win over the service's own attributes, as in Compose. */
export function limits(service: ComposeService): HostConfig {
  const { limits: most = {}, reservations: least = {} } = service.deploy?.resources ?? {};
  const pids = most.pids && most.pids > 0 ? most.pids : service.pids_limit;
  return defined({
    CgroupParent: service.cgroup_parent,
    Memory: bytes(most.memory) ?? bytes(service.mem_limit),
    MemorySwap: bytes(service.memswap_limit),
    MemorySwappiness: bytes(service.mem_swappiness),
    MemoryReservation: bytes(least.memory) ?? bytes(service.mem_reservation),
    OomKillDisable: service.oom_kill_disable,
    CpuCount: service.cpu_count,
    CpuPercent: service.cpu_percent === undefined ? undefined : Math.trunc(service.cpu_percent * 100),
    CpuPeriod: service.cpu_period,
    CpuQuota: service.cpu_quota,
    CpuRealtimePeriod: service.cpu_rt_period,
    CpuRealtimeRuntime: service.cpu_rt_runtime,
    CpuShares: service.cpu_shares,
    CpusetCpus: service.cpuset,
    NanoCpus: nanoCpus(most.cpus ?? service.cpus),
    PidsLimit: pids === 0 ? undefined : pids,
    DeviceCgroupRules: service.device_cgroup_rules,
    Devices: service.devices?.map(device),
    DeviceRequests: deviceRequests(service),
    Ulimits: ulimits(service),
    ...blkio(service.blkio_config),
  });
}

/** Compose prints sizes as text; 0 means unset. */
export const bytes = (size: Bytes | undefined): number | undefined => Number(size ?? 0) || undefined;

/** Compose stores CPU counts in single precision. */
const nanoCpus = (cpus: number | undefined) =>
  cpus ? Math.trunc(Math.fround(Math.fround(Number(cpus)) * 1e9)) : undefined;

function device(given: NonNullable<ComposeService['devices']>[number]) {
  const [source = '', target, permissions] =
    typeof given === 'string' ? given.split(':') : [given.source, given.target, given.permissions];
  return { PathOnHost: source, PathInContainer: target || source, CgroupPermissions: permissions || 'rwm' };
}

function deviceRequests({ deploy, gpus = [] }: ComposeService): HostConfig['DeviceRequests'] {
  const reserved = deploy?.resources?.reservations?.devices ?? [];
  const graphics = gpus.map((gpu) => ({ ...gpu, capabilities: [...(gpu.capabilities ?? []), 'gpu'] }));
  const all = [...reserved, ...graphics].map(deviceRequest);
  return all.length > 0 ? all : undefined;
}

const deviceRequest = ({ driver = '', count = 0, device_ids, capabilities = [], options }: DeviceRequest) =>
  defined({
    Driver: driver,
    Count: Number(count),
    DeviceIDs: device_ids,
    Capabilities: [capabilities],
    Options: options,
  });

function ulimits({ ulimits: given = {} }: ComposeService): HostConfig['Ulimits'] {
  const all = Object.entries(given).map(([Name, limit]) => {
    const { soft = 0, hard = 0 } = typeof limit === 'object' ? limit : { soft: limit, hard: limit };
    return { Name, Soft: soft, Hard: hard };
  });
  return all.length > 0 ? all : undefined;
}

const rates = {
  device_read_bps: 'BlkioDeviceReadBps',
  device_read_iops: 'BlkioDeviceReadIOps',
  device_write_bps: 'BlkioDeviceWriteBps',
  device_write_iops: 'BlkioDeviceWriteIOps',
} as const;

function blkio(config: Record<string, unknown> = {}): HostConfig {
  const given = lowerCase(config) as Record<string, Array<{ path: string; rate?: Bytes; weight?: number }>>;
  const weights = given.weight_device?.map(({ path, weight = 0 }) => ({ Path: path, Weight: Number(weight) }));
  const throttles = Object.entries(rates).map(([key, name]) => [
    name,
    given[key]?.map(({ path, rate }) => ({ Path: path, Rate: Number(rate ?? 0) })),
  ]);
  const weight = config.weight as number | undefined;
  return defined({ BlkioWeight: weight, BlkioWeightDevice: weights, ...Object.fromEntries(throttles) });
}

/** Some versions of Compose print these members capitalised, and do not read them again. */
export function lowerCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerCase);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toLowerCase(), lowerCase(member)]));
}
