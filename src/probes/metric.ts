import type { MetricBounds } from '../spec/checks/metric';
import { placeIn, requestText } from './http';
import type { CheckKind } from './kind';
import { type ProbeResult, unhealthy } from './probe-result';
import { type Sample, samplesOf } from './prometheus';

export const metric: CheckKind = {
  atPort: ({ check, ...at }) => {
    const wanted = check.metric!;
    return requestText({ ...at, path: wanted.path, proxied: check.proxied, status: 200 }, (text) =>
      judge(samplesOf(text), wanted),
    );
  },
  atAddress: {
    protocols: ['http:', 'https:'],
    check: ({ metric: wanted, ...asked }) =>
      requestText({ ...placeIn(asked), status: 200 }, (text) => judge(samplesOf(text), wanted!)),
  },
};

function judge(samples: Sample[], { name, labels = {}, max = Infinity, min = -Infinity }: MetricBounds): ProbeResult {
  const all = Object.entries(labels);
  const found = samples.filter((one) => one.name === name && all.every(([key, value]) => one.labels[key] === value));
  if (found.length === 0) return unhealthy(`${name} is absent${all.length > 0 ? ' with these labels' : ''}`);
  const wrong = found.find(({ value }) => !(value >= min && value <= max));
  if (!wrong) return { healthy: true };
  if (Number.isNaN(wrong.value)) return unhealthy(`${name} is no number`);
  return unhealthy(`${name} is ${wrong.value}, ${wrong.value > max ? `above ${max}` : `below ${min}`}`);
}
