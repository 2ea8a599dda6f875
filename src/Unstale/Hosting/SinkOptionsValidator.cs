using Microsoft.Extensions.Options;
using Unstale.Sinks;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rejects a queue capacity outside the range 1 to 1,000,000.</summary>
internal sealed class SinkOptionsValidator : IValidateOptions<SinkOptions>
{
    private const int Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, SinkOptions options) => options.QueueCapacity is >= 1 and <= Most
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(Errors.SinkQueue(name ?? "", options.QueueCapacity, 1, Most));
}
