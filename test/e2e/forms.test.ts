// What a real API server accepts and refuses is what the table says, which the engine is held to.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { apiPathOf, getKind, type KindName } from '../../src/kubernetes/kinds.ts';
import { describeWithSharedControlPlane } from '../control-plane/vitest.ts';
import { type Form, forms } from '../judgement/forms.ts';
import { openApi, type RawApi } from './raw-api.ts';

describeWithSharedControlPlane('the API server', (controlPlane) => {
  let api: RawApi;
  beforeAll(() => {
    api = openApi(controlPlane(), 'admin');
  });
  afterAll(() => api.close());

  it.each(forms)('is asked about $title: accepted $isAccepted', async ({ object, isAccepted }) => {
    const { code, message } = await api.send('POST', pathOf(object), object);
    expect({ code, message }).toEqual(
      isAccepted ? { code: 201, message: '' } : { code: expect.toBeOneOf([400, 422]), message: expect.any(String) },
    );
  });
});

/** As kubectl sends it: with strict validation of the fields. Nothing is stored. */
function pathOf({ kind }: Form['object']): string {
  const { resource, scope, ...group } = getKind(kind as KindName);
  const place = scope === 'Cluster' ? '' : '/namespaces/default';
  return `${apiPathOf(group)}${place}/${resource}?dryRun=All&fieldValidation=Strict`;
}
