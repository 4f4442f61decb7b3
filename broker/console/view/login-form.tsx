import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from './console-context.ts';
import { TroubleBar } from './trouble-bar.tsx';

type By = 'password' | 'token';

/** Asks who somebody is when the page was opened without a token: name and password, or a token. */
export function LoginForm() {
  const { words, dispatch } = useConsole();
  const [by, setBy] = useState<By>('password');
  const other: By = by === 'token' ? 'password' : 'token';
  return (
    <main class="login">
      {by === 'password' ? <PasswordForm key="password" /> : <TokenForm key="token" />}
      <button
        type="button"
        class="plain"
        onClick={() => {
          dispatch({ type: 'trouble-closed' });
          setBy(other);
        }}
      >
        {words.t(other === 'token' ? 'login.withToken' : 'login.withPassword')}
      </button>
    </main>
  );
}

function PasswordForm() {
  const { words, commands } = useConsole();
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const first = useFirstField();
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== '' && password !== '') commands.openSession({ name: name.trim(), password });
        setPassword('');
      }}
    >
      <h2>{words.t('login.title')}</h2>
      <label>
        <span>{words.t('login.name')}</span>
        <input
          ref={first}
          required
          autoComplete="username"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={60}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
        />
      </label>
      <label>
        <span>{words.t('login.password')}</span>
        <input
          type="password"
          required
          autoComplete="current-password"
          maxLength={200}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      <p class="quiet">{words.t('login.hint')}</p>
      <Send />
    </form>
  );
}

function TokenForm() {
  const { words, commands } = useConsole();
  const [token, setToken] = useState('');
  const first = useFirstField();
  return (
    <form
      class="panel"
      onSubmit={(event) => {
        event.preventDefault();
        if (token.trim() !== '') commands.openSession({ token: token.trim() });
      }}
    >
      <h2>{words.t('login.title')}</h2>
      <label>
        <span>{words.t('login.token')}</span>
        <input
          ref={first}
          type="password"
          required
          autoComplete="off"
          maxLength={200}
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <p class="quiet">{words.t('login.tokenHint')}</p>
      <Send />
    </form>
  );
}

function Send() {
  const { words } = useConsole();
  return (
    <>
      <TroubleBar />
      <button type="submit" class="primary">
        {words.t('login.open')}
      </button>
    </>
  );
}

/** Where the keyboard is when the form comes up. */
function useFirstField() {
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  return field;
}
