using Microsoft.Extensions.Options;
using Unstale.Targets;

namespace Unstale.Hosting;

/// <summary>Rejects a queue capacity outside the range 1 to 1,000,000.</summary>
internal sealed class TargetOptionsValidator : IValidateOptions<TargetOptions>
{
    private const int Most = 1_000_000;

    public ValidateOptionsResult Validate(string? name, TargetOptions options) => options.QueueCapacity is >= 1 and <= Most
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail(Errors.TargetQueue(name ?? "", options.QueueCapacity, 1, Most));
}
