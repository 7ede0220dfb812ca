import type { OrganizationDocument, PreferenceDocument } from './document.js';
import type { TypeDefinition } from './type-definition.js';

/** All that was chosen and that matters for one person: documents are empty where nothing was. */
export interface Choices {
  organization: OrganizationDocument;
  person: {
    /** For this organization. */
    organization: PreferenceDocument;
    /** For all that they are in. */
    global: PreferenceDocument;
  };
  /** As the organization knows the person. */
  time_zone: string | null;
}

export interface Sources extends Choices {
  type: TypeDefinition;
}
