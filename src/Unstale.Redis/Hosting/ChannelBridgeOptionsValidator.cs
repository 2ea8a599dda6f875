using Microsoft.Extensions.Options;
using Unstale.Redis.Channel;

namespace Unstale.Redis.Hosting;

/// <summary>Rejects invalid options. Each message names the setting and its value.</summary>
internal sealed class ChannelBridgeOptionsValidator : IValidateOptions<ChannelBridgeOptions>
{
    public ValidateOptionsResult Validate(string? name, ChannelBridgeOptions options)
    {
        var problems = options.Problems().Select(p => $"Cache '{name}': {p}").ToList();
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}
