import type { AskedAddress, DesiredCheck } from '../model/desired';
import type { RuntimeInstance } from '../runtimes/runtime';
import type { NeedOptions } from '../spec/checks';
import type { Bounds } from './bounded';
import type { HostProgram } from './host-program';
import type { ReadLog, RunInside } from './probe';
import type { ProbeResult } from './probe-result';
import type { PrometheusQuery, QueryAnswer } from './prometheus-query';

/** One kind of check. Its words in the spec stand in src/spec/checks, under the same name. */
export interface CheckKind {
  /** Checks an instance at one of its ports. */
  atPort?: (request: CheckRequest) => Promise<ProbeResult>;
  /** Checks an instance by the engine's observation. */
  asSeen?: (instance: RuntimeInstance) => ProbeResult;
  /** Checks an instance by a program inside it. */
  inside?: (request: InsideRequest) => Promise<ProbeResult>;
  /** Checks an instance, or a need, by a program of this host. */
  onHost?: (request: HostRequest) => Promise<ProbeResult>;
  /** Checks an instance by its log. */
  inLog?: (request: LogRequest) => Promise<ProbeResult>;
  /** Checks a need at its address. */
  atAddress?: AddressCheck;
  /** Asks a server for values, which a validation judges. */
  atServer?: (query: PrometheusQuery) => Promise<QueryAnswer>;
}

/** One check of an instance. */
export interface CheckRequest extends Bounds {
  host: string;
  port: number;
  check: DesiredCheck;
}

/** One check inside an instance. */
export interface InsideRequest extends Bounds {
  run: RunInside;
  check: DesiredCheck;
}

/** One check by a program of this host. */
export interface HostRequest extends Bounds {
  program: HostProgram;
  /** Hides secrets in its output. */
  mask: (text: string) => string;
}

/** One check of an instance's log. */
export interface LogRequest extends Bounds {
  log: ReadLog;
  check: DesiredCheck;
}

export interface AddressCheck {
  /** Protocols that its addresses begin with, such as `https:`. */
  protocols: string[];
  /** Addresses are `host:port`, without the protocol. */
  bare?: true;
  check: (request: AddressRequest) => Promise<ProbeResult>;
}

/** One check of a dependency outside of the release. */
export interface AddressRequest extends NeedOptions, Bounds {
  url: URL;
  /** Host of the URL, without the brackets of an IPv6 address. */
  host: string;
  /** Address to connect to instead of the host's own. */
  address?: string;
  metric?: AskedAddress['metric'];
  /** More of a request over HTTP. */
  request?: AskedAddress['request'];
}
