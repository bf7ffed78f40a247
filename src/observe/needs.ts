import type { Deps } from '../host';
import type { DesiredNeed } from '../model/desired';
import { checkNeed, hostOf } from '../probes';
import type { ProbeResult } from '../probes/probe';
import { unhealthy } from '../probes/probe-result';
import { desiredNeeds } from '../project/desired-needs';
import type { Project } from '../project/project';
import { unsetNeeds, unsetText } from '../project/unset';
import type { OpenedSources } from '../resolve/sources';
import type { Sources } from '../runtimes/runtime';

/** Longest time of one check, in milliseconds. */
const patience = 5_000;

/** A need of a service, and its current answer. */
export interface NeedAnswer {
  service: string;
  need: DesiredNeed;
  answer: ProbeResult;
}

/** The answer of each need in the spec, checked once from where a release would check. Changes nothing. */
export async function needsNow(
  deps: Pick<Deps, 'masker'>,
  project: Project,
  open: () => Promise<Pick<OpenedSources, 'of'>>,
): Promise<NeedAnswer[]> {
  const unset = unsetNeeds(project);
  const hopeless = unset.map((one) => ({ ...one, answer: unhealthy(unsetText(one)) }));
  const isSet = (service: string, text: string) =>
    !unset.some((one) => one.service === service && one.need.text === text);
  const all = Object.entries(project.spec.services).flatMap(([service, one]) =>
    desiredNeeds(one).flatMap((need) => (isSet(service, need.text) ? [{ service, need }] : [])),
  );
  if (all.length === 0) return hopeless;
  const sources = await open();
  const { signal } = new AbortController();
  const asked = await Promise.all(
    all.map(async (one) => {
      const own = sources.of(one.service);
      const [text = ''] = await needTexts(deps, own, [one.need]);
      return { ...one, answer: await askNeed({ ...one, text, sources: own }, signal) };
    }),
  );
  return [...hopeless, ...asked];
}

/** The needs' texts with values in place of variables. Adds those values to the masker. */
export async function needTexts(
  { masker }: Pick<Deps, 'masker'>,
  sources: Sources,
  needs: Array<Pick<DesiredNeed, 'text'>>,
): Promise<string[]> {
  const texts = await sources.texts(needs.map(({ text }) => text));
  masker.add(Object.fromEntries(texts.map((text, index) => [String(index), text])), sources.publicText);
  return texts;
}

/** The need in words, without a password in its text. */
export const needText = ({ kind, text }: { kind: string; text: string }): string =>
  `${kind} ${text.replace(/(:\/\/[^:/@\s]*:)(\S*)@/g, hidden).replace(/([?&]password=)([^&\s]*)/gi, hidden)}`;

const hidden = (whole: string, before: string, password: string): string =>
  /^\$\{?\w+\}?$/.test(password) ? whole : whole.replace(`${before}${password}`, `${before}***`);

export interface AskedNeed {
  need: DesiredNeed;
  /** Text with values in place of variables. */
  text: string;
  service: string;
  sources: Pick<Sources, 'neighbour'>;
}

/** Checks a need from the service's networks, as names there are unknown on the host. */
export async function askNeed({ need, text, service, sources }: AskedNeed, signal: AbortSignal) {
  const { kind, text: _, required: __, within, of: ___, ...options } = need;
  const host = hostOf({ kind, text });
  if (host === undefined) return { healthy: false as const, why: noAddress(need) };
  const neighbour = await sources.neighbour(service, host);
  const address = neighbour?.address;
  if (neighbour && !address) {
    return { healthy: false as const, why: `none of its containers runs on a network of ${service}` };
  }
  return await checkNeed({ ...options, kind, text, address, timeout: Math.min(within, patience), signal });
}

function noAddress({ kind, text }: DesiredNeed): string {
  const names = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name);
  return `is not an address of ${kind}${names.length > 0 ? `: see ${[...new Set(names)].join(', ')} in the env file` : ''}`;
}
