import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isRunning } from './known-process.ts';
import { Lab, startLab } from './lab.ts';
import { type LabRecord, stopLab } from './lab-record.ts';
import { labPackages } from './requirements.ts';
import { type Role, roles } from './role.ts';

const usage = `Keeps a lab of real test hosts up for development. Run as root:
  main.ts install                installs the Debian packages it needs
  main.ts up [NAME:ROLE[:vm]…]   starts it and prints the path of its fleet file; roles: ${roles.join(' ')}; a virtual machine with :vm
  main.ts ssh NAME [COMMAND…]    a shell or a command over ssh
  main.ts run NAME COMMAND…      a command as root inside the host, past sshd
  main.ts freeze|thaw NAME       stops and resumes every process of the host
  main.ts drop|pass NAME         drops every packet from and to the host, and no more
  main.ts down                   ends it and takes away all it made
`;
const usual = ['web1:web', 'web2:web', 'lb1:lb', 'files1:files', 'cache1:cache', 'app1:app'];
const folder = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'quarterdeck-lab', 'up');

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  return 1;
});

async function main([command = '', ...rest]: string[]): Promise<number> {
  const [name = '', ...words] = rest;
  switch (command) {
    case 'up':
      return up(rest.length > 0 ? rest : usual);
    case 'install':
      return spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...labPackages], { stdio: ['ignore', 2, 2] }).status ?? 1;
    case 'down':
      await stopLab(theRecord());
      return 0;
    case 'ssh':
      return spawnSync('ssh', [...theLab().sshArguments(name), ...words], { stdio: 'inherit' }).status ?? 1;
    case 'run': {
      const ran = await theLab().run(name, words.join(' '), 600_000);
      process.stdout.write(ran.stdout);
      process.stderr.write(ran.stderr);
      return ran.code ?? 1;
    }
    case 'freeze':
      await theLab().freeze(name);
      return 0;
    case 'thaw':
      await theLab().thaw(name);
      return 0;
    case 'drop':
      await theLab().dropPackets(name);
      return 0;
    case 'pass':
      await theLab().passPackets(name);
      return 0;
    default:
      process.stderr.write(usage);
      return 64;
  }
}

async function up(wanted: readonly string[]): Promise<number> {
  if (existsSync(folder)) {
    const record = theRecord();
    if (isRunning(record.network.holder)) throw new Error(`a lab is up already: ${record.fleetFile}; \`main.ts down\` ends it`);
    await stopLab(record);
  }
  const lab = await startLab({ hosts: wanted.map(parseHost), keepIn: folder });
  for (const host of lab.record.hosts) process.stderr.write(`${host.name.padEnd(10)} ${host.role.padEnd(6)} ${host.address}\n`);
  process.stdout.write(`${lab.fleetFile}\n`);
  return 0;
}

function parseHost(text: string): { name: string; role: Role; vm: boolean } {
  const [name = '', wanted, how] = text.split(':');
  const role = roles.find((candidate) => candidate === wanted);
  if (role === undefined || !/^[a-z][a-z0-9-]*$/.test(name) || (how ?? 'vm') !== 'vm')
    throw new Error(`${JSON.stringify(text)} is not NAME:ROLE or NAME:ROLE:vm; roles are ${roles.join(', ')}`);
  return { name, role, vm: how === 'vm' };
}

function theLab(): Lab {
  return new Lab(theRecord());
}

function theRecord(): LabRecord {
  const file = join(folder, 'lab.json');
  if (!existsSync(file)) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error('no lab is up');
  }
  const record: LabRecord = JSON.parse(readFileSync(file, 'utf8'));
  return record;
}
