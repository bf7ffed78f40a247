import { formatDuration } from '../../../spec/duration';
import { listenersIn, portsOf } from '../../systemd/listeners';
import { type Check, ok, warn } from '../check';
import type { UnitFacts } from './facts';
import { editing, titleOf } from './title';

type Facts = Pick<UnitFacts, 'unit' | 'service' | 'listeners'>;

/** Checks how systemd starts, restarts and stops the unit. Pure. */
export const checkLifetime = (facts: Facts): Check[] =>
  facts.unit.load === 'loaded' ? [readiness, restart, stop, kill].flatMap((look) => look(facts)) : [];

/** systemd calls these started before the program serves anybody. */
const early = ['simple', 'exec', 'idle'];

function readiness({ unit, service, listeners = [] }: Facts): Check[] {
  const { id, type } = unit;
  const title = titleOf(id);
  if (service.hasReady) return [ok(title, 'health.ready says when it is ready')];
  if (!early.includes(type)) return [ok(title, `says itself when it is ready (Type=${type})`)];
  const text = `nothing says when it is ready: with Type=${type} it counts as started at once`;
  const notify = 'let the program notify systemd, and write Type=notify in its unit';
  const [port] = portsOf(listenersIn(listeners, unit));
  if (port === undefined) return [warn(title, text, notify)];
  const found = warn(title, text, `${notify}; or in belay.yaml, under services.${service.name}`);
  return [{ ...found, lines: [`health: { ready: { tcp: ${port} } }`] }];
}

function restart({ unit }: Facts): Check[] {
  const { id, type, restart, restartAfter, startLimit } = unit;
  const title = titleOf(id);
  if (type === 'oneshot') return [];
  if (restart === 'no') {
    const found = warn(title, 'stays down once it has ended: it has no Restart=', editing(id));
    return [{ ...found, lines: ['[Service]', 'Restart=always', 'RestartSec=5'] }];
  }
  const { burst, within } = startLimit;
  const isReached = burst > 0 && burst * restartAfter < within;
  if (!isReached) return [ok(title, `Restart=${restart}, after ${seconds(restartAfter)}`)];
  const found = warn(
    title,
    `stays down after ${burst} starts within ${seconds(within)}, and Restart=${restart} makes one every ${seconds(restartAfter)}`,
    `systemctl reset-failed ${id} ends such a stand; ${editing(id)}`,
  );
  return [{ ...found, lines: ['[Service]', `RestartSec=${Math.ceil(within / burst / 1000) + 1}`] }];
}

/** A release writes stop.grace into TimeoutStopSec. */
function stop({ unit: { id, stopTimeout }, service: { name, drainDeadline, stopGrace } }: Facts): Check[] {
  const title = titleOf(id);
  const grace = stopGrace ?? stopTimeout;
  const by = stopGrace === undefined ? 'TimeoutStopSec' : 'stop.grace';
  if (grace >= drainDeadline) return [ok(title, `has ${seconds(grace)} to stop (${by})`)];
  const found = warn(
    title,
    `systemd kills it ${seconds(grace)} after the stop signal (${by}), and its requests may take ${seconds(drainDeadline)} (drain.deadline)`,
    `in belay.yaml, under services.${name}`,
  );
  return [{ ...found, lines: [`stop: { grace: ${formatDuration(drainDeadline)} }`] }];
}

function kill({ unit: { id, killMode } }: Facts): Check[] {
  if (killMode === 'mixed' || killMode === 'control-group') return [];
  const found = warn(
    titleOf(id),
    `processes of it may outlive a stop, and keep its ports (KillMode=${killMode})`,
    editing(id),
  );
  return [{ ...found, lines: ['[Service]', 'KillMode=mixed'] }];
}

const seconds = (ms: number): string => (Number.isFinite(ms) ? `${ms / 1000} s` : 'any time');
