import { nameAddressing } from '../../src/proxies/haproxy/addressing';
import { parseProc, parseServersState, parseStat, type ServerStat } from '../../src/proxies/haproxy/parse';
import { mergeServers } from '../../src/proxies/haproxy/servers';
import { forgetChecks, rememberNames, stateFileIn } from '../../src/proxies/haproxy/state-file';

// Replies of HAProxy 2.6.12.
const stat = `# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,wrew,connect,reuse,cache_lookups,cache_hits,srv_icur,src_ilim,qtime_max,ctime_max,rtime_max,ttime_max,eint,idle_conn_cur,safe_conn_cur,used_conn_cur,need_conn_est,uweight,agg_server_status,agg_server_check_status,agg_check_status,-,ssl_sess,
f,FRONTEND,,,1,1,9976,1,0,0,0,0,0,,,,,STOP,,,,,,,,,1,2,0,,,,0,1,0,1,,,,0,0,0,0,0,0,,1,1,1,,,0,0,0,0,,,,,,,,,,,,,,,,,,,,,http,,1,1,1,0,0,0,0,,,0,0,,,,,,,0,,,,,,,,,-,0,
api,s1,2,0,1,1,,1,0,0,,0,,0,0,0,0,UP,1,1,0,0,1,2,1,,1,3,1,,1,,2,1,,1,* L7OK,0,0,0,0,0,0,0,0,0,,,0,0,0,,,,,2,,,0,0,0,0,,,,Layer7 check passed,,1,2,2,,,,127.0.0.1:19003,,http,,,,,,,,0,1,0,,,0,,0,0,0,0,0,0,0,1,2,1,,,,-,0,
api,s2,0,0,0,0,,0,0,0,,0,,0,0,0,0,DOWN,1,1,0,1,2,2,2,,1,3,2,,0,,2,0,,0,L7STS,503,0,0,0,0,0,0,0,0,,,0,0,0,,,,,-1,"Service, ""Unavailable""",,0,0,0,0,,,,Layer7 wrong status,,1,2,0,,,,127.0.0.1:19002,,http,,,,,,,,0,0,0,,,0,,0,0,0,0,0,0,0,0,1,1,,,,-,0,
api,s3,0,0,0,0,,0,0,0,,0,,0,0,0,0,MAINT,1,1,0,0,0,1664,1664,,1,3,3,,0,,2,0,,0,,,,0,0,0,0,0,0,0,,,0,0,0,,,,,-1,,,0,0,0,0,,,,,,,,,,,,127.0.0.1:8080,,http,,,,,,,,0,0,0,,,0,,0,0,0,0,0,0,0,0,0,1,,,,-,0,
api,BACKEND,0,0,1,1,998,1,0,0,0,0,,0,0,0,0,UP,1,1,0,,1,2,1,,1,3,0,,1,,1,1,,1,,,,0,0,0,0,0,0,,,,0,0,0,0,0,0,0,2,,,0,0,0,0,,,,,,,,,,,,,,http,roundrobin,,,,,,,0,1,0,0,0,,,0,0,0,0,0,,,,,1,0,0,0,-,0,

`;

const state = `1
# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr srv_agent_addr srv_agent_port
3 api 1 s1 127.0.0.1 2 4 1 1 0 15 0 2 7 0 0 0 app.invalid 19003 - 0 0 - - 0
3 api 2 s2 127.0.0.1 0 12 1 1 0 17 2 0 6 0 0 0 app.invalid 19002 - 0 0 - - 0
3 api 3 s3 127.0.0.1 0 5 1 1 1662 1 0 0 14 0 0 0 app.invalid 8080 - 0 0 - - 0
4 plain 1 old 127.0.0.1 2 0 1 1 628 1 0 0 0 0 0 0 - 19001 - 0 0 - - 0

`;

test('reads the servers of show stat, in order', () => {
  const servers = parseStat(stat);
  expect(servers.map(({ server }) => server)).toEqual(['s1', 's2', 's3']);
  expect(servers[0]).toEqual({
    backend: 'api',
    server: 's1',
    address: '127.0.0.1:19003',
    sessions: 1,
    queued: 2,
    checkStatus: 'L7OK',
    health: 2,
    rise: 1,
    fall: 2,
  });
  expect(servers[1]).toMatchObject({ checkStatus: 'L7STS', health: 0, address: '127.0.0.1:19002' });
});

test('reads show servers state', () => {
  const off = { maintenance: false, unresolved: false, draining: false, ip: '127.0.0.1' };
  const idle = { checkConfigured: true, checkActive: true, checkRunning: false, weight: 1, initialWeight: 1 };
  expect(parseServersState(state)).toEqual([
    {
      backend: 'api',
      server: 's1',
      name: 'app.invalid',
      port: 19003,
      operation: 2,
      ...off,
      ...idle,
      checkRunning: true,
      weight: 1,
      initialWeight: 1,
    },
    { backend: 'api', server: 's2', name: 'app.invalid', port: 19002, operation: 0, ...off, draining: true, ...idle },
    {
      backend: 'api',
      server: 's3',
      name: 'app.invalid',
      port: 8080,
      operation: 0,
      ...off,
      maintenance: true,
      ...idle,
      checkActive: false,
    },
    {
      backend: 'plain',
      server: 'old',
      name: '',
      port: 19001,
      operation: 2,
      ...off,
      checkConfigured: false,
      checkActive: false,
      checkRunning: false,
      weight: 1,
      initialWeight: 1,
    },
  ]);
});

test('reads show proc: the serving worker and those that a reload left', () => {
  const proc = `#<PID>          <type>          <reloads>       <uptime>        <version>      
7286            master          2 [failed: 0]   0d00h27m44s     2.6.12-1+deb12u4
# workers
7088            worker          0               0d00h00m01s     2.6.12-1+deb12u4
# old workers
18428           worker          1               0d00h10m30s     2.6.12-1+deb12u4
# programs

`;
  expect(parseProc(proc)).toEqual({ current: [7088], old: [18428] });
  expect(parseProc(proc.replace(/# old workers\n.*\n/, ''))).toEqual({ current: [7088], old: [] });
});

test('merges both, with the requests of old workers that went to the same instance', () => {
  const [held] = parseStat(stat) as [ServerStat];
  const old = [held, { ...held, address: '127.0.0.1:1', sessions: 7 }, { ...held, server: 's2', sessions: 7 }];
  const servers = mergeServers({ stats: parseStat(stat), states: parseServersState(state), old });
  expect(servers.map(({ detail, serving, whole, ...server }) => server)).toEqual([
    { server: 's1', address: '127.0.0.1:19003', state: 'ready', check: 'passing', inFlight: 6 },
    { server: 's2', address: '127.0.0.1:19002', state: 'drain', check: 'failing', inFlight: 0 },
    { server: 's3', address: '127.0.0.1:8080', state: 'maint', check: 'pending', inFlight: 0 },
  ]);
});

test.each([
  ['up, in full health, checked', { checkStatus: 'L7OK', health: 2, operation: 2 }, 'passing'],
  ['put down when it was staged, with the former result', { checkStatus: 'L7OK', health: 0, operation: 0 }, 'pending'],
  ['just out of maintenance, with the former result', { checkStatus: 'L7OK', health: 1, operation: 2 }, 'pending'],
  ['never checked', { checkStatus: 'INI', health: 2, operation: 2 }, 'pending'],
  ['after the first of two failures', { checkStatus: 'L7STS', health: 1, operation: 2 }, 'failing'],
  ['marked down by failed requests', { checkStatus: 'HANA', health: 0, operation: 0 }, 'failing'],
  ['asked to stop by a 404', { checkStatus: 'L7OKC', health: 2, operation: 3 }, 'failing'],
])('says of a server that is %s', (_what, { operation, ...values }, check) => {
  const one = { ...parseStat(stat)[0]!, ...values };
  const detail = { ...parseServersState(state)[0]!, operation };
  expect(mergeServers({ stats: [one], states: [detail] })[0]).toMatchObject({ check });
});

test('writes draining servers as not checked yet, and leaves the rest as HAProxy said it', () => {
  const written = forgetChecks(state).split('\n');
  const said = state.split('\n');
  expect(written[3]).toBe('3 api 2 s2 127.0.0.1 0 12 1 1 0 1 0 0 6 0 0 0 app.invalid 19002 - 0 0 - - 0');
  expect([...written.slice(0, 3), ...written.slice(4)]).toEqual([...said.slice(0, 3), ...said.slice(4, -1)]);
});

test('marks names as given at run time, without which a second reload forgets them', () => {
  const rows = rememberNames(state).trimEnd().split('\n');
  expect(rows[2]?.split(' ')[6]).toBe('68');
  // The next configuration decides the port of a check.
  const [, head, row] = rememberNames(state.replaceAll(/ 0 - - 0$/gm, ' 9000 - - 0')).split('\n');
  expect(row?.split(' ')[head!.split(' ').indexOf('srv_check_port') - 1]).toBe('0');
  expect(rows[5]).toBe(state.trimEnd().split('\n')[5]);
});

test('shows a server that is led by name under that name, failing while the name has no address', () => {
  const [stat1] = parseStat(stat) as [ServerStat];
  const [row] = parseServersState(state) as [ReturnType<typeof parseServersState>[number]];
  const seen = (over: Partial<typeof row>) =>
    mergeServers({ stats: [stat1], states: [{ ...row, name: 'shop-api-1', ...over }] }, nameAddressing)[0];
  expect(seen({})).toMatchObject({ address: 'shop-api-1:19003', state: 'ready', check: 'passing' });
  expect(seen({ unresolved: true })).toMatchObject({ address: 'shop-api-1:19003', state: 'ready', check: 'failing' });
  expect(seen({ unresolved: true, maintenance: true })).toMatchObject({ state: 'maint' });
});

test.each([
  ['global\n  server-state-file /var/lib/haproxy/state', '/var/lib/haproxy/state'],
  ['global\n  server-state-base /var/lib/haproxy\n  server-state-file state # here', '/var/lib/haproxy/state'],
  ['global\n  server-state-base /var/lib/haproxy/\n  server-state-file /tmp/state', '/tmp/state'],
  ['global\n  server-state-file state', undefined],
  ['global\n  # server-state-file /tmp/state', undefined],
])('finds the state file in %j', (text, path) => {
  expect(stateFileIn(text)).toBe(path);
});
