'use strict';
/** Counts requests as Prometheus reads them, and knows when none is in flight. */
function createMetrics({ name, version }) {
  const requests = new Map();
  const waiting = [];
  let inFlight = 0;

  const labels = (more) => `{service="${name}",version="${version}"${more}}`;
  return {
    begin() {
      const startedAt = performance.now();
      inFlight += 1;
      return (code) => {
        const seen = requests.get(code) ?? { count: 0, seconds: 0 };
        requests.set(code, { count: seen.count + 1, seconds: seen.seconds + (performance.now() - startedAt) / 1000 });
        inFlight -= 1;
        if (inFlight === 0) for (const resolve of waiting.splice(0)) resolve();
      };
    },
    idle: () => (inFlight === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    text() {
      const lines = ['# TYPE requests_in_flight gauge', `requests_in_flight${labels('')} ${inFlight}`];
      lines.push('# TYPE requests_total counter', '# TYPE request_seconds_total counter');
      for (const [code, { count, seconds }] of requests) {
        lines.push(`requests_total${labels(`,code="${code}"`)} ${count}`);
        lines.push(`request_seconds_total${labels(`,code="${code}"`)} ${seconds}`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

module.exports = { createMetrics };
