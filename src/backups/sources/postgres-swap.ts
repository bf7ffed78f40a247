import type { Source, Swap } from '../source';
import type { PostgresSession } from './postgres-session';

/**
 * Databases of PostgreSQL change places by their names, in one transaction. The kept one takes no connections, so nothing
 * writes to it by mistake.
 */
export function postgresSwap(session: PostgresSession, open: (database: string) => Source): Swap {
  const script = async (text: string, id: string, signal: AbortSignal) =>
    session.script(text, namesOf(await session.name(signal), id), signal);
  return {
    async beside(id, signal) {
      await script(beside, id, signal);
      return open(namesOf(await session.name(signal), id).fresh);
    },
    async exchange(id, signal) {
      try {
        await script(exchange, id, signal);
      } catch (error) {
        // A live database that was not exchanged has to take connections again.
        await script(reopen, id, AbortSignal.timeout(30_000)).catch(() => undefined);
        throw error;
      }
    },
    back: (id, signal) => script(back, id, signal),
    discard: (id, signal) => script(dropFresh, id, signal),
    forget: (id, signal) => script(forget, id, signal),
  };
}

/** PostgreSQL cuts names after 63 bytes. Pure. */
export function namesOf(live: string, id: string): { live: string; fresh: string; former: string } {
  const mark = id.toLowerCase().replace(/[^a-z0-9]/g, '');
  const short = cut(live, 63 - `_before_${mark}`.length);
  return { live, fresh: `${short}_new_${mark}`, former: `${short}_before_${mark}` };
}

/** The text's first characters that fit into so many bytes. */
const cut = (text: string, bytes: number): string =>
  Buffer.byteLength(text) <= bytes ? text : cut(text.slice(0, -1), bytes);

const dropFresh = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'fresh' \\g /dev/null
DROP DATABASE IF EXISTS :"fresh";
`;

/** An empty database with the settings, the rights and the owner of the live one. Earlier servers lack columns on locales. */
const beside = `${dropFresh}
SELECT format('CREATE DATABASE %I TEMPLATE template0', :'fresh')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'live') \\gexec
SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L TABLESPACE %I CONNECTION LIMIT %s',
    :'fresh', pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype, spcname, datconnlimit)
  || CASE facts->>'datlocprovider' WHEN 'c' THEN ' LOCALE_PROVIDER libc'
    WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L', locale) || coalesce(' ICU_RULES ' || quote_literal(facts->>'daticurules'), '')
    WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', locale) ELSE '' END
FROM pg_database live JOIN pg_tablespace place ON place.oid = dattablespace, to_jsonb(live) facts,
  coalesce(facts->>'datlocale', facts->>'daticulocale') locale
WHERE datname = :'live' \\gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', :'fresh')
FROM pg_database WHERE datname = :'live' AND datacl IS NOT NULL \\gexec
SELECT format('GRANT %s ON DATABASE %I TO %s', privilege_type, :'fresh',
  CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM pg_database, aclexplode(datacl) WHERE datname = :'live' \\gexec
SELECT format(CASE setrole WHEN 0 THEN 'ALTER DATABASE %2$I SET %3$s = %4$s' ELSE 'ALTER ROLE %1$I IN DATABASE %2$I SET %3$s = %4$s' END,
  pg_get_userbyid(setrole), :'fresh', split_part(one, '=', 1),
  CASE WHEN split_part(one, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries')
  THEN substr(one, strpos(one, '=') + 1) ELSE quote_literal(substr(one, strpos(one, '=') + 1)) END)
FROM pg_db_role_setting JOIN pg_database ON pg_database.oid = setdatabase, unnest(setconfig) one WHERE datname = :'live' \\gexec
`;

const whether = (database: string) =>
  `SELECT count(*) = 1 AS due FROM pg_database WHERE datname = :'${database}' \\gset\n\\if :due`;

const closeLive = `
ALTER DATABASE :"live" ALLOW_CONNECTIONS false;
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'live' \\g /dev/null
`;

/** Without a live database, as on a new server, there is none to keep. */
const exchange = `
SELECT count(*) = 1 AS present FROM pg_database WHERE datname = :'live' \\gset
${whether('fresh')}
\\if :present
${closeLive}
BEGIN;
ALTER DATABASE :"live" RENAME TO :"former";
\\else
BEGIN;
\\endif
ALTER DATABASE :"fresh" RENAME TO :"live";
COMMIT;
\\endif
ALTER DATABASE :"live" ALLOW_CONNECTIONS true;
`;

const reopen = `ALTER DATABASE :"live" ALLOW_CONNECTIONS true;`;

const back = `${whether('former')}${closeLive}
BEGIN;
ALTER DATABASE :"live" RENAME TO :"fresh";
ALTER DATABASE :"former" RENAME TO :"live";
COMMIT;
\\endif
ALTER DATABASE :"live" ALLOW_CONNECTIONS true;
`;

const forget = `
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'former' \\g /dev/null
DROP DATABASE IF EXISTS :"former";
`;
