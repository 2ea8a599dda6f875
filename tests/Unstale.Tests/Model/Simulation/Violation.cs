namespace Unstale.Tests.Model.Simulation;

/// <summary>A violated guarantee.</summary>
internal sealed class Violation(string message) : Exception(message);
