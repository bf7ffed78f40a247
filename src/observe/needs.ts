import type { Deps } from '../host';
import type { DesiredNeed } from '../model/desired';
import { checkByProgram, checkNeed, hostOf } from '../probes';
import type { ProbeResult } from '../probes/probe';
import { unhealthy } from '../probes/probe-result';
import { desiredNeeds } from '../project/desired-needs';
import type { Project } from '../project/project';
import { unsetNeeds, unsetText } from '../project/unset';
import type { OpenedSources } from '../resolve/sources';
import type { Sources } from '../runtimes/runtime';

/** Longest time of one check, in milliseconds; programs need their own to start. */
const patience = 5_000;
const programPatience = 30_000;

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
    desiredNeeds(one, project.folder).flatMap((need) => (isSet(service, need.text) ? [{ service, need }] : [])),
  );
  if (all.length === 0) return hopeless;
  const sources = await open();
  const { signal } = new AbortController();
  const asked = await Promise.all(
    all.map(async (one) => {
      const own = sources.of(one.service);
      const [text = ''] = await needTexts(deps, own, [one.need]);
      const { platform } = project.spec;
      return { ...one, answer: await askNeed(deps, { ...one, platform, text, sources: own }, signal) };
    }),
  );
  return [...hopeless, ...asked];
}

/** The needs' texts with values in place of variables; a command has none. Adds those values to the masker. */
export async function needTexts(
  { masker }: Pick<Deps, 'masker'>,
  sources: Sources,
  needs: Array<Pick<DesiredNeed, 'text' | 'command'>>,
): Promise<string[]> {
  const written = needs.flatMap(({ text, command }) => (command ? [] : [text]));
  const texts = await sources.texts(written);
  masker.add(Object.fromEntries(texts.map((text, index) => [String(index), text])), sources.publicText);
  return needs.map(({ text, command }) => (command ? text : texts[written.indexOf(text)]!));
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
  platform: string;
  service: string;
  sources: Pick<Sources, 'neighbour'>;
}

/**
 * Checks a need from the service's networks, as names there are unknown on the host. Its command runs on the host.
 */
export async function askNeed(
  { masker }: Pick<Deps, 'masker'>,
  { need, text, platform, service, sources }: AskedNeed,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const { kind, text: _, required: __, within, of: ___, command, folder, ...options } = need;
  if (command) {
    const program = { argv: command, folder: folder!, told: { platform, service } };
    return await checkByProgram({
      program,
      mask: masker.mask,
      timeout: Math.min(within, programPatience),
      signal,
    });
  }
  const host = hostOf({ kind, text });
  if (host === undefined) return unhealthy(noAddress(need));
  const neighbour = await sources.neighbour(service, host);
  const address = neighbour?.address;
  if (neighbour && !address) return unhealthy(`none of its containers runs on a network of ${service}`);
  return await checkNeed({ ...options, kind, text, address, timeout: Math.min(within, patience), signal });
}

function noAddress({ kind, text }: DesiredNeed): string {
  const names = [...text.matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name);
  return `is not an address of ${kind}${names.length > 0 ? `: see ${[...new Set(names)].join(', ')} in the env file` : ''}`;
}
