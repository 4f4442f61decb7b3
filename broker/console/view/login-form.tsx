import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from './console-context.ts';
import { TroubleBar } from './trouble-bar.tsx';

/** Asks for a token when the page was opened without one. */
export function LoginForm() {
  const { words, commands } = useConsole();
  const [token, setToken] = useState('');
  const input = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => input.current?.focus(), []);
  return (
    <main class="login">
      <form
        class="panel"
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim() !== '') commands.openSession(token);
        }}
      >
        <h2>{words.t('login.title')}</h2>
        <label>
          <span>{words.t('login.token')}</span>
          <input
            ref={input}
            type="password"
            required
            autoComplete="current-password"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value)}
          />
        </label>
        <p class="quiet">{words.t('login.hint')}</p>
        <TroubleBar />
        <button type="submit" class="primary">
          {words.t('login.open')}
        </button>
      </form>
    </main>
  );
}
