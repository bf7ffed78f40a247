import { planted } from '../../testbed/databases';
import { docker } from '../../testbed/docker';
import { sourceContract } from '../contracts/source-contract';
import { openSite } from './site';

sourceContract('mysql', async () => {
  const site = await openSite(() => ({ mysql: { user: 'root' } }), 'mariadb');
  const sql = (text: string) =>
    docker([
      'exec',
      '--env',
      `MYSQL_PWD=${planted}`,
      site.container,
      'mariadb',
      '-u',
      'root',
      '-D',
      'shop',
      '-BNe',
      text,
    ]);
  await sql(`CREATE TABLE orders (id int PRIMARY KEY, note varchar(200), data blob);
    INSERT INTO orders SELECT seq, repeat('x', 100), x'00ff0a' FROM seq_1_to_20000;
    CREATE VIEW few AS SELECT * FROM orders WHERE id < 10;
    CREATE TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'new';
    CREATE PROCEDURE one() SELECT 1`);
  return {
    site,
    state: () =>
      sql(
        'SELECT count(*), hex(max(data)), (SELECT count(*) FROM few) FROM orders; SELECT trigger_name FROM information_schema.triggers; CALL one()',
      ),
    lose: async () => void (await sql('DELETE FROM orders')),
    question: { query: 'SELECT count(*) FROM orders', first: '20000' },
  };
});
