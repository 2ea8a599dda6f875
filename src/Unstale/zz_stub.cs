namespace Unstale;
/// <summary>stub</summary>
public sealed class InvalidationReceipt;
