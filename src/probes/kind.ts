import type { DesiredCheck } from '../model/desired';
import type { RuntimeInstance } from '../runtimes/runtime';
import type { Bounds } from './bounded';
import type { ProbeResult } from './probe-result';

/** One way to ask whether something answers. What users write for it stands in src/spec/checks, under the same name. */
export interface CheckKind {
  /** Of an instance, at a port of it. */
  atPort?: (request: CheckRequest) => Promise<ProbeResult>;
  /** Of an instance, by what the engine has seen of it. */
  asSeen?: (instance: RuntimeInstance) => ProbeResult;
  /** Of a need. */
  atAddress?: AddressCheck;
}

/** What one check asks of an instance. */
export interface CheckRequest extends Bounds {
  host: string;
  port: number;
  check: DesiredCheck;
}

export interface AddressCheck {
  /** Those that its addresses begin with, such as `https:`. */
  protocols: string[];
  /** Its addresses are `host:port`, and are written without the protocol. */
  bare?: true;
  check: (request: AddressRequest) => Promise<ProbeResult>;
}

/** What one check asks outside of the release. */
export interface AddressRequest extends Bounds {
  url: URL;
  /** Of the URL, without the brackets of an IPv6 address. */
  host: string;
  /** In place of what the host resolves to. */
  address?: string;
  /** The status it must answer, where the kind has one. */
  status?: number;
}
