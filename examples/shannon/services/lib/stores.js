'use strict';
const { Pool } = require('pg');
const { createClient } = require('redis');

/** Connects in the background, and again whenever the connection is lost. Commands fail at once while there is none. */
function connectRedis(url) {
  const client = createClient({ url, disableOfflineQueue: true });
  client.on('error', () => undefined);
  client.connect().catch(() => undefined);
  return {
    command: client,
    ping: () => client.ping(),
    close: () => (client.isReady ? client.close() : client.destroy()),
  };
}

/**
 * Connects by POSTGRES_HOST, POSTGRES_PORT, POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB. `settings` are of the
 * sessions, such as lock_timeout=5s.
 */
function connectPostgres(env, settings = []) {
  const pool = new Pool({
    host: env.POSTGRES_HOST,
    port: Number(env.POSTGRES_PORT ?? 5432),
    user: env.POSTGRES_USER,
    password: env.POSTGRES_PASSWORD,
    database: env.POSTGRES_DB,
    options: settings.map((setting) => `-c ${setting}`).join(' '),
    connectionTimeoutMillis: 2000,
  });
  pool.on('error', () => undefined);
  return {
    query: async (text, values) => (await pool.query(text, values)).rows,
    close: () => pool.end(),
  };
}

module.exports = { connectRedis, connectPostgres };
