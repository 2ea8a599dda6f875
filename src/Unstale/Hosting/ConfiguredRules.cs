using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;
using Unstale.Boundary;
using Unstale.Rules;
using Unstale.Telemetry;
using Unstale.Values;

namespace Unstale.Hosting;

/// <summary>Rules from a section of the configuration. A change of the section replaces the rules, all or nothing.</summary>
internal sealed class ConfiguredRules(IConfiguration section, string cache, IEnumerable<RuleCondition> conditions, GuardedLogger logger) : RuleSource, IDisposable
{
    private readonly Lock _gate = new();
    private readonly string _origin = Guid.NewGuid().ToString("n");
    private readonly RuleCondition[] _conditions = [.. conditions];
    private IDisposable? _changes;
    private KeyValuePair<string, string?>[] _read = [];

    public override void AddTo(InvalidationRules rules)
    {
        // Subscribed before the section is read, so that no change is missed.
        _changes = WithoutExecutionContext.Start((Source: this, rules), static s => ChangeToken.OnChange(s.Source.ReloadToken, s.Source.Reload, s.rules));
        try
        {
            lock (_gate)
                Load(rules);
        }
        catch
        {
            _changes.Dispose();
            throw;
        }
    }

    public void Dispose() => _changes?.Dispose();

    private IChangeToken ReloadToken() => section.GetReloadToken();

    private void Reload(InvalidationRules rules)
    {
        try
        {
            lock (_gate)
            {
                // The token covers the whole configuration, and most changes concern other sections.
                if (Content().SequenceEqual(_read))
                    return;
                Load(rules);
            }

            logger.RulesReplaced(cache, rules.Rules.Count);
        }
        catch (Exception exception)
        {
            logger.RulesRefused(cache, UserCode.MessageOf(exception)); // a provider of the application may throw anything
        }
    }

    private KeyValuePair<string, string?>[] Content() => [.. section.AsEnumerable().OrderBy(static pair => pair.Key, StringComparer.Ordinal)];

    private void Load(InvalidationRules rules)
    {
        _read = Content();
        var read = RuleReader.ReadAll(section, _conditions);
        foreach (var (at, rule) in read)
        {
            if (rules.IsTaken(rule.Name, _origin))
                throw Errors.RuleRefused(at.Path, rule.Name, Errors.RuleNameTaken);
        }

        rules.Replace([.. read.Select(one => one.Rule)], [], _origin);
    }
}
