import { Box, Text, useInput, usePaste, useWindowSize } from 'ink';
import { Component, memo, type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { handleKey, raisePrompt, sessionBindings, sessionCommands } from './dispatch.ts';
import { drawFrame } from './frame.ts';
import { sentence } from './show-dialog.ts';
import { bandEnv, type Session } from './session.ts';
import type { RowCache } from './screens/fleet-screen.ts';
import { keyEvents, pasteEvent } from './terminal/keys.ts';
import { line } from './terminal/line.ts';
import { paint } from './terminal/paint.ts';
import type { Theme } from './theme.ts';

/** The clock of the header and the ages of rows move this often, ms. */
const tickMs = 1000;

/** The whole console: keys go to the session, and every change of fleet, memory, questions, clock or size draws a frame. */
export function App({ session, theme }: { session: Session; theme: Theme }): ReactNode {
  useInput((input, key) => {
    for (const event of keyEvents(input, key, session.now())) handleKey(session, event);
  });
  usePaste((text) => handleKey(session, pasteEvent(text, session.now())));
  return (
    <Boundary>
      <Frame session={session} theme={theme} />
    </Boundary>
  );
}

function Frame({ session, theme }: { session: Session; theme: Theme }): ReactNode {
  const { console } = session;
  const fleet = useSyncExternalStore(console.store.subscribe, console.store.getState);
  const ui = useSyncExternalStore(session.ui.subscribe, session.ui.getState);
  const questions = useSyncExternalStore(console.prompts.subscribe, console.prompts.getState);
  const tick = useTick();
  const size = useWindowSize();
  const [cache] = useState<RowCache>(() => new WeakMap());

  useEffect(() => raisePrompt(session), [session, questions, ui]);

  const lines = useMemo(() => {
    // `tick` is read so that a frame is drawn when only the clock went on.
    void tick;
    try {
      return drawFrame(
        {
          console,
          fleet,
          ui,
          rows: session.rows(),
          selected: session.selected(),
          env: bandEnv(session),
          bindings: sessionBindings(session),
          reasonOf: (one) => one.disabled(session),
          commands: () => sessionCommands(session),
          prompts: questions.pending,
          now: session.now(),
          columns: size.columns,
          lines: size.rows,
          theme,
          viewport: session.viewport,
        },
        cache,
      );
    } catch (error) {
      return failureLines(theme, sentence(error), size);
    }
  }, [console, fleet, ui, questions, tick, size, session, theme, cache]);

  return (
    <Box flexDirection="column">
      {lines.map((text, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a row of the screen is its place
        <Row key={index} text={text} />
      ))}
    </Box>
  );
}

/** Ink gives an empty text no height, so a blank row is one space. */
const Row = memo(function Row({ text }: { text: string }): ReactNode {
  return <Text wrap="truncate">{text === '' ? ' ' : text}</Text>;
});

function failureLines(theme: Theme, text: string, size: { columns: number; rows: number }): string[] {
  const words = [`This screen could not be drawn: ${text}`, 'The console goes on: esc goes back, ctrl-c twice quits.'];
  return Array.from({ length: size.rows }, (_, index) => paint(theme, line(words[index] ?? '', 'crit'), size.columns));
}

function useTick(): number {
  const [tick, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setTick((last) => last + 1), tickMs);
    return () => clearInterval(timer);
  }, []);
  return tick;
}

/** For errors outside the drawing itself: one plain line, and a new try every second. */
class Boundary extends Component<{ children: ReactNode }, { failed: string | null }> {
  override state: { failed: string | null } = { failed: null };
  #timer: NodeJS.Timeout | null = null;

  static getDerivedStateFromError(error: unknown): { failed: string } {
    return { failed: sentence(error) };
  }

  override componentDidUpdate(): void {
    if (this.state.failed !== null) this.#timer ??= setTimeout(() => this.#retry(), tickMs);
  }

  override componentWillUnmount(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #retry(): void {
    this.#timer = null;
    this.setState({ failed: null });
  }

  override render(): ReactNode {
    if (this.state.failed === null) return this.props.children;
    return <Text wrap="truncate">{`This screen could not be drawn: ${this.state.failed}`}</Text>;
  }
}
