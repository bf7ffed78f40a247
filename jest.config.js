const everyTest = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } }] },
};

/** Tests that share no more of the machine than the engine: they count no requests, or those of networks of their own. */
const besideOthers = [
  'activities',
  'analysis',
  'backups',
  'cli',
  'client',
  'compose',
  'config',
  'deploy',
  'kill',
  'migration',
  'model',
  'own-engine',
  'plan',
  'production',
  'replay',
  'runtimes',
  'spec',
  'systemd',
  'worker',
  'workflows',
].map((name) => `<rootDir>/test/${name}/`);

/** @type {import('jest').Config} */
module.exports = {
  projects: [
    {
      ...everyTest,
      displayName: 'beside others',
      testMatch: besideOthers.map((folder) => `${folder}**/*.test.ts`),
    },
    // One file at a time: engine, ports and the kernel's tables are the machine's, and loads are counted.
    {
      ...everyTest,
      displayName: 'on the machine',
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: besideOthers,
      runner: '<rootDir>/test/serial-runner.js',
    },
  ],
  testSequencer: '<rootDir>/test/sequencer.js',
  testTimeout: 180_000,
  maxWorkers: 2,
  maxConcurrency: 2,
};
