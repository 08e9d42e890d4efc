import type { AzureMachine } from '../../src/demo/clouds/azure-world.ts';
import type { CloudMachine } from '../../src/demo/clouds/cloud-machine.ts';

/** A running machine of a test's cloud; what a test cares about is given. */
export function cloudMachine(name: string, more: Partial<CloudMachine> = {}): CloudMachine {
  return {
    name,
    zone: 'us-central1-a',
    power: 'running',
    privateAddress: '10.128.0.2',
    publicAddress: null,
    labels: {},
    tags: [],
    bootedAt: Date.parse('2026-11-01T08:00:00Z'),
    healthy: true,
    ...more,
  };
}

export function azureMachine(name: string, more: Partial<AzureMachine> = {}): AzureMachine {
  return { ...cloudMachine(name, { zone: 'westus2-1' }), resourceGroup: 'edge', ...more };
}
