import { formatLabelSelector } from '../../apimachinery/selectors/index.ts';
import {
  applyPodTemplateDefaults,
  dropGatedFields,
  podTemplateValidationOptions,
  podTemplateWarnings,
  sameMeaning,
  validatePodTemplateSpec,
} from '../../apis/core/index.ts';
import type { PodTemplate } from '../../apis/core/types.ts';
import type { ResourceDefinition } from '../../apiserver/resource.ts';
import { nameColumn, text } from '../table/index.ts';

/** `podtemplates` of v1. */
export const podTemplates: ResourceDefinition<PodTemplate> = {
  group: '',
  version: 'v1',
  resource: 'podtemplates',
  singular: 'podtemplate',
  kind: 'PodTemplate',
  namespaced: true,
  schema: 'io.k8s.api.core.v1.PodTemplate',
  strategy: {
    applyDefaults(object) {
      object.template ??= {};
      applyPodTemplateDefaults(object.template);
    },
    prepareForCreate(object) {
      dropGatedFields(object.template?.spec);
      object.metadata.generation = 1;
    },
    validateCreate: ({ template }) => validatePodTemplateSpec(template ?? {}, 'template'),
    warningsOnCreate: ({ template }) => podTemplateWarnings(template ?? {}, 'template'),
    prepareForUpdate(object, old) {
      dropGatedFields(object.template?.spec, old.template?.spec);
      if (!sameMeaning(object.template, old.template)) {
        object.metadata.generation = Number(old.metadata.generation ?? 0) + 1;
      }
    },
    validateUpdate: ({ template }, old, _context, { change }) => [
      ...change,
      ...validatePodTemplateSpec(template ?? {}, 'template', podTemplateValidationOptions(old.template)),
    ],
    warningsOnUpdate: ({ metadata, template }, old) =>
      metadata.generation === old.metadata.generation ? [] : podTemplateWarnings(template ?? {}, 'template'),
    allowCreateOnUpdate: true,
    returnsDeletedObject: true,
  },
  columns: [
    nameColumn,
    text('Containers', 'Names of its containers.', ({ template }) =>
      (template?.spec?.containers ?? []).map((each) => each.name).join(','),
    ),
    text('Images', 'Their images.', ({ template }) =>
      (template?.spec?.containers ?? []).map((each) => each.image ?? '').join(','),
    ),
    text('Pod Labels', 'Labels that its pods get.', ({ template }) => {
      const labels = template?.metadata?.labels;
      return formatLabelSelector(labels ? { matchLabels: labels } : undefined);
    }),
  ],
};
