// Counts the tokens of tasks that version 1.0.0 wrote. A release of the orchestrator runs it when none of 1.0.0 is left.
//
//   node fill-tokens.js [SETTING=VALUE...]    settings of its PostgreSQL sessions
'use strict';
const { createService } = require('./lib/service');
const { connectPostgres } = require('./lib/stores');

const service = createService('fill-tokens');
const database = connectPostgres(process.env, process.argv.slice(2));

// In batches, which lock few rows for a short time. A task that has its tokens is left alone, so it may run again.
const fillSome = `
  UPDATE tasks SET tokens = cardinality(regexp_split_to_array(trim(query || ' ' || result), '\\s+'))
  WHERE task_id IN (SELECT task_id FROM tasks WHERE tokens IS NULL AND status = 'completed' LIMIT 500)
  RETURNING task_id`;

async function fill() {
  if (!service.isAtLeast('1.1.0')) return 'tasks have no tokens before 1.1.0';
  let filled = 0;
  for (let some = await database.query(fillSome); some.length > 0; some = await database.query(fillSome)) {
    filled += some.length;
    service.log(`${filled} tasks so far`);
  }
  return `${filled} tasks have their tokens now`;
}

process.on('SIGTERM', () => process.exit(1));
fill()
  .then(service.log, (error) => {
    service.log(error.message);
    process.exitCode = 1;
  })
  .finally(database.close);
