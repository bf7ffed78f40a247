import { readText } from '../../../hosts/file';
import { fingerprintOf } from './config';
import { labelsOf, proxyLabels } from './containers';
import type { ProxyContainer, ProxyEngine } from './engine';
import { askRunning } from './running';
import { type ManagedKey, unitPaths } from './unit';

/** One container of a managed proxy, as observed. */
export interface ExaminedContainer {
  container: string;
  /** Service behind it. */
  unit: string;
  running: boolean;
  /** The holder has the networks and ports; another container is a second HAProxy in them. */
  holder: boolean;
  /** Name of its image on the engine. */
  image: string;
  /** HAProxy's own version; undefined without an answer. */
  version?: string;
  /** True if it takes the traffic. */
  serves: boolean;
  /** True if it runs what its file says; undefined if unknown. */
  current?: boolean;
}

/** Returns every container of the proxy, by name. Changes nothing. */
export async function examineManaged(key: ManagedKey, engine: Pick<ProxyEngine, 'list'>): Promise<ExaminedContainer[]> {
  const found = await engine.list(labelsOf(key));
  const all = await Promise.all(found.map((container) => examine(key, container)));
  return all.sort((a, b) => (a.container < b.container ? -1 : 1));
}

async function examine(key: ManagedKey, { name, labels, running }: ProxyContainer): Promise<ExaminedContainer> {
  const unit = labels[proxyLabels.unit] ?? '';
  const number = Number(labels[proxyLabels.generation]);
  const paths = unitPaths(key, unit);
  const [answer, config] = await Promise.all([
    running ? askRunning(paths.socket(number)) : undefined,
    readText(paths.config(number)),
  ]);
  return {
    container: name,
    unit,
    running,
    holder: labels[proxyLabels.holder] === labels[proxyLabels.generation],
    image: labels[proxyLabels.image] ?? '',
    version: answer?.version,
    serves: answer?.serves === true,
    // The file of an idle holder tells what it does after a restart.
    current: answer?.serves && config !== undefined ? fingerprintOf(config) === answer.fingerprint : undefined,
  };
}
