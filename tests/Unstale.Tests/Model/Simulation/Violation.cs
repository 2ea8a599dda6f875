namespace Unstale.Tests.Model.Simulation;

/// <summary>A guarantee did not hold.</summary>
internal sealed class Violation(string message) : Exception(message);
