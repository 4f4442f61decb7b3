import { useEffect, useState } from 'preact/hooks';

/** `#commission=mall.pillar-001`: what a technician opens on the phone. */
export const commissionAddress = (device: string): string => `#commission=${encodeURIComponent(device)}`;

export function commissionedIn(hash: string): string | null {
  const device = new URLSearchParams(hash.replace(/^#/, '')).get('commission');
  return device !== null && /^[a-z0-9-]{1,32}\.[a-z0-9-]{1,32}$/.test(device) ? device : null;
}

/** The device that is being commissioned on this page, or null. */
export function useCommissioned(): string | null {
  const [device, setDevice] = useState(() => commissionedIn(location.hash));
  useEffect(() => {
    const look = () => setDevice(commissionedIn(location.hash));
    window.addEventListener('hashchange', look);
    look();
    return () => window.removeEventListener('hashchange', look);
  }, []);
  return device;
}
