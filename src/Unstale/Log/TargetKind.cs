using System.Text.Json.Serialization;

namespace Unstale.Log;

/// <summary>Kind of a target. The numbers are part of the log's format.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TargetKind>))]
public enum TargetKind
{
    /// <summary>One key.</summary>
    Key = 0,

    /// <summary>Every entry with a given tag.</summary>
    Tag = 1,

    /// <summary>Every key that matches a <see cref="GlobPattern"/>.</summary>
    Glob = 2,

    /// <summary>Every key that matches a <see cref="RegexPattern"/>.</summary>
    Regex = 3,

    /// <summary>Every entry with all of several tags.</summary>
    AllOf = 4,

    /// <summary>Every entry. A node treats an unknown kind as this one.</summary>
    Everything = 5,

    /// <summary>Every entry that depends on a changed row, by predicates on columns. The text contains the table and the values before and after.</summary>
    Row = 6,
}
