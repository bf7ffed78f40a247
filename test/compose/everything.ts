/**
 * Services that together set every attribute that is carried over, as a Compose file. Rows that the engine or the kernel of
 * this machine refuses are in `beyond`, and tried without an engine.
 */
export const everything = ({ name, image, external }: { name: string; image: string; external: string }): string => `
name: ${name}
x-service: &service
  image: ${image}
  command: [node, -e, 'setInterval(() => {}, 1000)']
services:
  plain: { <<: *service }
  process:
    <<: *service
    entrypoint: [node, --no-warnings]
    command: [-e, 'setInterval(() => {}, 1000)']
    user: '1:2'
    group_add: [3, '4']
    hostname: own
    domainname: example.org
    working_dir: /tmp
    tty: true
    stdin_open: true
    init: true
    stop_signal: SIGINT
    stop_grace_period: 7s
    environment: { A: '1', PRICE: '5$$', PATH: }
    env_file: [values.env]
    labels: { tier: web, price: '5$$' }
    label_file: labels.env
    depends_on: { plain: { condition: service_started } }
    expose: ['3000', 4000/udp]
    platform: linux/amd64
  health:
    <<: *service
    healthcheck: { test: [CMD, node, --version], interval: 1m30s, timeout: 500ms, start_period: 2s, retries: 7 }
  healthless: { <<: *service, healthcheck: { disable: true } }
  times: { <<: *service, healthcheck: { interval: 9s } }
  limits:
    <<: *service
    cpus: 0.7
    cpu_shares: 512
    cpuset: '0'
    mem_limit: 64m
    memswap_limit: 128m
    mem_reservation: 32m
    mem_swappiness: 10
    oom_kill_disable: true
    oom_score_adj: 100
    pids_limit: 99
    shm_size: 32m
    cgroup_parent: /${name}
    ulimits: { nproc: 100, nofile: { soft: 10, hard: 20 }, core: 0, memlock: { soft: 0, hard: -1 } }
    cpu_count: 1
    cpu_percent: 50
    devices: ['/dev/null:/dev/nothing:r', /dev/zero]
    device_cgroup_rules: ['c 1:3 mr']
    blkio_config:
      weight: 300
      weight_device: [{ path: /dev/null, weight: 400 }]
      device_read_bps: [{ path: /dev/null, rate: 12mb }]
      device_read_iops: [{ path: /dev/null, rate: 120 }]
      device_write_bps: [{ path: /dev/null, rate: 1024k }]
      device_write_iops: [{ path: /dev/null, rate: 30 }]
  quota: { <<: *service, cpu_period: 100000, cpu_quota: 50000 }
  unlimited: { <<: *service, mem_limit: 64m, memswap_limit: -1, pids_limit: -1 }
  deployed:
    <<: *service
    deploy:
      resources:
        limits: { cpus: '0.25', memory: 50M, pids: 12 }
        reservations: { memory: 20M, devices: [{ driver: nvidia, capabilities: [gpu], count: 1 }] }
      restart_policy: { condition: on-failure, max_attempts: 3 }
  delayed: { <<: *service, restart: always, deploy: { restart_policy: { delay: 5s } } }
  untimed: { <<: *service, restart: 'on-failure:5', deploy: { restart_policy: { condition: on-failure } } }
  always: { <<: *service, restart: always }
  never: { <<: *service, restart: 'no' }
  unless: { <<: *service, restart: unless-stopped }
  thrice: { <<: *service, restart: 'on-failure:3' }
  guarded:
    <<: *service
    cap_add: [NET_ADMIN, SYS_PTRACE]
    cap_drop: [ALL]
    read_only: true
    security_opt: [no-new-privileges, 'seccomp=profile.json', systempaths=unconfined]
    tmpfs: ['/scratch', '/run:size=1m,mode=700']
    sysctls: { net.core.somaxconn: 1024 }
    userns_mode: host
    isolation: default
    runtime: runc
    logging: { driver: json-file, options: { max-size: 1m, max-file: '3' } }
  mighty: { <<: *service, privileged: true, pid: host, ipc: shareable, uts: host, cgroup: private }
  resolving:
    <<: *service
    dns: [10.1.1.1, 10.1.1.2]
    dns_search: [example.org]
    dns_opt: ['ndots:2']
    extra_hosts: ['one:10.0.0.1', 'two=::1', 'host.docker.internal:host-gateway']
    external_links: ['${external}:outside']
    networks: { default: {} }
  networked:
    <<: *service
    networks:
      back: { aliases: [inner, other], priority: 10, ipv4_address: 10.211.7.9, ipv6_address: 'fd00:211::9', link_local_ips: [169.254.7.9] }
      default: { aliases: [front] }
  second: { <<: *service, networks: { default: { priority: 5 }, back: { ipv4_address: 10.211.7.10, aliases: [later] } } }
  addressed: { <<: *service, mac_address: '02:42:0a:d3:07:10' }
  none: { <<: *service, network_mode: none }
  host: { <<: *service, network_mode: host }
  bridge: { <<: *service, network_mode: bridge }
  mounted:
    <<: *service
    volumes:
      - ./folder:/short:ro
      - ./made:/made
      - ./shared:/shared:z
      - { type: bind, source: ./folder, target: /slave, read_only: true, bind: { propagation: rslave, create_host_path: true } }
      - { type: bind, source: ./folder, target: /long, bind: { propagation: rprivate, create_host_path: false } }
      - data:/data
      - { type: volume, source: data, target: /bare, read_only: true, consistency: cached, volume: { nocopy: true } }
      - /anonymous
      - { type: volume, source: folder, target: /by-driver }
      - { type: tmpfs, target: /memory, tmpfs: { size: 10m, mode: 0750 } }
  secretive:
    <<: *service
    secrets: [key, { source: key, target: again }, { source: word, target: /etc/word, uid: '7', gid: '8', mode: 0400 }, { source: word, target: open }]
    configs: [settings, { source: settings, target: /etc/settings, mode: 0440 }, { source: written, target: /etc/written, uid: '7', gid: '8', mode: 0440 }, spoken]
secrets:
  key: { file: ./key.txt }
  word: { environment: WORD }
configs:
  settings: { file: ./settings.txt }
  written: { content: 'written by \${WORD}' }
  spoken: { environment: WORD }
networks:
  back:
    internal: true
    attachable: true
    enable_ipv6: true
    driver: bridge
    driver_opts: { com.docker.network.bridge.enable_icc: 'true' }
    labels: { keep: 'yes' }
    ipam:
      driver: default
      config:
        - { subnet: 10.211.7.0/24, ip_range: 10.211.7.128/25, gateway: 10.211.7.1, aux_addresses: { printer: 10.211.7.5 } }
        - { subnet: 'fd00:211::/64' }
volumes:
  data: { labels: { keep: 'yes' } }
  folder: { driver: local, driver_opts: { type: none, o: bind, device: FOLDER } }
`;

/** Files beside it. */
export const beside: Record<string, string> = {
  '.env': "WORD='pa$$word-of-the-file'\n",
  'values.env': "FROM_FILE='a$b'\nA=2\n",
  'labels.env': 'from=file\n',
  'key.txt': 'a key\n',
  'settings.txt': 'some settings\n',
  'folder/file': 'content\n',
  'profile.json': '{\n  "defaultAction": "SCMP_ACT_ALLOW"\n}\n',
};

/** Rows that no container of this machine can have, with the reason. */
export const beyond: Record<string, string> = {
  annotations: 'the engine needs API 1.43',
  container_name: 'it is a name that stays on the networks',
  cpu_rt_period: 'the kernel has no real-time groups',
  cpu_rt_runtime: 'the kernel has no real-time groups',
  gpus: 'this version of Compose reads it and does not pass it on',
  'healthcheck.start_interval': 'the engine needs API 1.44',
  'networks.*.mac_address': 'Compose asks only an engine with API 1.44 for it',
  'networks.*.driver_opts': 'this version of Compose does not pass it on',
  storage_opt: 'the storage driver has no quotas here',
  'volumes.volume.subpath': 'the engine needs API 1.45',
};
