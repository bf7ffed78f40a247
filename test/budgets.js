/** How many seconds a file of tests may take on two cores; `.ci/run` names those that took longer. Nothing fails by it. */
const budgets = {
  'test/production/stack.test.ts': 320,
  'test/e2e/published.test.ts': 170,
  'test/e2e/trouble.test.ts': 130,
  'test/e2e/roll.test.ts': 130,
  'test/e2e/kill-matrix.test.ts': 120,
  'test/e2e/managed.test.ts': 75,
  'test/e2e/strategies.test.ts': 85,
  'test/proxies/managed-changes.test.ts': 85,
  'test/kill/kill-matrix.test.ts': 90,
  'test/own-engine/engine.test.ts': 55,
  'test/e2e/take-over.test.ts': 55,
  'test/e2e/platform.test.ts': 55,
  'test/e2e/back.test.ts': 50,
  'test/proxies/managed-steady.test.ts': 40,
  'test/e2e/compose-up.test.ts': 35,
  'test/e2e/nginx.test.ts': 40,
  'test/e2e/restart.test.ts': 30,
  'test/workflows/walk.test.ts': 30,
  'test/workflows/messages.test.ts': 25,
  'test/proxies/haproxy.test.ts': 25,
  'test/proxies/nginx.test.ts': 25,
  'test/e2e/environments.test.ts': 25,
  'test/e2e/secrets.test.ts': 25,
  'test/workflows/which-host.test.ts': 20,
  'test/e2e/serve.test.ts': 20,
  'test/e2e/adopt.test.ts': 20,
  'test/examples/shannon-services.test.ts': 20,
  'test/plan/plan-release.properties.test.ts': 15,
  'test/replay/replay.test.ts': 15,
  'test/e2e/to-blue-green.test.ts': 15,
  'test/activities/environments.test.ts': 15,
  'test/activities/changes.test.ts': 15,
  'test/compose/instances.test.ts': 15,
  'test/workflows/any-order.test.ts': 15,
  'test/proxies/managed-clients.test.ts': 15,
  'test/runtimes/docker.test.ts': 15,
};

/** Budget of files without a line above. */
const others = 10;

module.exports = { secondsOf: (file) => budgets[file] ?? others, budgets };
