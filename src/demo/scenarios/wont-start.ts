import type { Scenario } from './scenario.ts';

/** An init script that prints "Did not start." and exits 0: the exit status proves nothing. */
export const wontStart: Scenario = {
  name: 'wont-start',
  title: 'pencils on web2 does not come back',
  what: 'pencils died on web2 and every restart prints "Did not start." and exits 0; systemd says active (exited) and port 8816 stays closed.',
  apply(fleet) {
    const unit = fleet.find('web2')?.unit('pencils') ?? null;
    if (unit !== null) {
      unit.refusesToStart = true;
      unit.die("Error: Cannot find module 'express'");
    }
    return () => {
      if (unit === null) return;
      unit.refusesToStart = false;
      if (!unit.alive) void unit.restart();
    };
  },
};
