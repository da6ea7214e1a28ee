// Every operation that this program offers, by its name.

import { applicationOperations } from "./operations_application.mjs";
import { aggregationOperations, incentiveOperations, kernelOperations, typesOperations } from "./operations_basic.mjs";
import {
  consensusOperations,
  contractOperations,
  infrastructureOperations,
  transitionOperations,
} from "./operations_ledger.mjs";

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
};
