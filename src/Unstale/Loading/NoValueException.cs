namespace Unstale.Loading;

/// <summary>Ends a load of one key of a <see cref="LoadBatch{T}"/> for which the source has no value. Never reaches the application.</summary>
internal sealed class NoValueException : KeyNotFoundException;
