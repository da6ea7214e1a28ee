// Every operation that this program offers, by its name.

import { alignmentOperations } from "./operations_alignment.mjs";
import { applicationOperations } from "./operations_application.mjs";
import { aggregationOperations, incentiveOperations, kernelOperations, typesOperations } from "./operations_basic.mjs";
import { computingOperations } from "./operations_computing.mjs";
import {
  consensusOperations,
  contractOperations,
  infrastructureOperations,
  transitionOperations,
} from "./operations_ledger.mjs";
import { primitiveOperations } from "./operations_privacy.mjs";
import { secureOperations } from "./operations_secure.mjs";

export const operations = {
  ...typesOperations,
  ...kernelOperations,
  ...aggregationOperations,
  ...incentiveOperations,
  ...infrastructureOperations,
  ...consensusOperations,
  ...contractOperations,
  ...transitionOperations,
  ...applicationOperations,
  ...primitiveOperations,
  ...secureOperations,
  ...computingOperations,
  ...alignmentOperations,
};
