import type { AskedAddress } from '../model/desired';
import type { AddressKind, NeedOptions } from '../spec/checks';
import type { Bounds } from './bounded';
import type { HostRequest } from './kind';
import { checkKinds } from './kinds';
import { type ProbeResult, unhealthy } from './probe-result';

/** A dependency outside of the release, with its address after interpolation. */
export interface NeedTarget {
  kind: AddressKind;
  /** An address of this kind: a URL, `host:port`, or for grpc also `host:port/service`. */
  text: string;
}

export interface NeedCheck extends NeedTarget, NeedOptions, Bounds {
  /** Address to connect to instead of the host's own. */
  address?: string;
  metric?: AskedAddress['metric'];
  /** More of a request over HTTP. */
  request?: AskedAddress['request'];
}

/** Checks a need once; its message never contains the address. Throws only the signal's reason. */
export async function checkNeed({ kind, text, ...request }: NeedCheck): Promise<ProbeResult> {
  const url = urlOf({ kind, text });
  return url
    ? await checkKinds[kind].atAddress!.check({ ...request, url, host: plain(url) })
    : unhealthy(`is not an address of ${kind}`);
}

/** Checks a need once by a program of this host. Throws only the signal's reason. */
export const checkByProgram = (request: HostRequest): Promise<ProbeResult> => checkKinds.command.onHost!(request);

/** Returns the need's host; undefined if the text is no address. Pure. */
export const hostOf = (target: NeedTarget): string | undefined => {
  const url = urlOf(target);
  return url && plain(url);
};

/** Returns the port that the need's text names; undefined if it names none. Pure. */
export const portOf = (target: NeedTarget): number | undefined => Number(urlOf(target)?.port) || undefined;

function urlOf({ kind, text }: NeedTarget): URL | undefined {
  const { atAddress } = checkKinds[kind];
  if (!atAddress) return undefined;
  const { protocols, bare } = atAddress;
  const whole = bare ? `${protocols[0]}//${text}` : text;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const isWhole = protocols.includes(url.protocol) && (!bare || (url.hostname !== '' && url.port !== ''));
  return isWhole && isDecodable(url) ? url : undefined;
}

/** The paths of http are sent as they are written. */
function isDecodable({ protocol, username, password, pathname }: URL): boolean {
  try {
    decodeURIComponent(username + password + (protocol.startsWith('http') ? '' : pathname));
    return true;
  } catch {
    return false;
  }
}

/** A URL puts an IPv6 address in brackets. */
const plain = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '');
