"""The SDK ``perceptron==0.4.0`` as the oracle: where it is right, we give the same answer."""
