import { alarms, latencyJudged, ratesJudged } from '../test/analysis/simulated';

/**
 * `npm run build && node dist/bench/judge.js` simulates versions that are equal, and versions that are worse, and prints
 * how often the judge calls the new one worse. The seeds are fixed, so only times differ from run to run.
 */
const runs = 10_000;
const sizes = [5, 10, 20, 50];
/** Requests at each measurement. */
const requests = 20;

const share = (count: number): string => `${((100 * count) / runs).toFixed(1)} %`;

function row(n: number): string {
  const rates = (canary: number, baseline: number) =>
    share(alarms(runs, (seed) => ratesJudged({ n: n * requests, seed }, { canary, baseline })));
  const began = performance.now();
  const equal = alarms(runs, (seed) => latencyJudged({ n, seed }, 1));
  const time = (performance.now() - began) / runs;
  const slower = alarms(runs, (seed) => latencyJudged({ n, seed }, 1.2));
  const cells = [
    n,
    share(equal),
    share(slower),
    n * requests,
    rates(0.02, 0.02),
    rates(0.02, 0),
    `${time.toFixed(2)} ms`,
  ];
  return `| ${cells.join(' | ')} |`;
}

console.log(
  '| values a side | equal | a fifth slower | requests a side | equal errors | 2 % against none | time a metric |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const n of sizes) console.log(row(n));
