import type { Scenario } from './scenario.ts';

/** The classic of SysV scripts under systemd: the unit stays "active (exited)" after its program died. */
export const pencilsDown: Scenario = {
  name: 'pencils-down',
  title: 'pencils died on web2',
  what: 'The node process on web2 is gone. systemd still says active (exited), port 8816 is closed and /load/first answers 502. A restart heals it.',
  apply(fleet) {
    const unit = fleet.find('web2')?.unit('pencils') ?? null;
    unit?.die('error: Forever detected script exited with code: 8');
    return () => {
      if (unit !== null && !unit.alive) void unit.restart();
    };
  },
};
